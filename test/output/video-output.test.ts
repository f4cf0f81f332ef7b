import { RoomEvent, type VideoFrame, VideoStream, type VideoTrack } from '@livekit/rtc-node';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { encodeFrame, OutputError, VideoOutput } from '../../src/index.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { greyLevel } from '../../src/testing/pictures/likeness.ts';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { until } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, rejection } from '../support/loopback.ts';

const camera = fileCamera();
const outputs: VideoOutput[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(outputs.splice(0).map((output) => output.close()));
  await endStages();
});

/** The grey levels that a user in the room sees, in order, without repetitions. */
async function viewed(room: LoopbackRoom) {
  const levels: (number | undefined)[] = [];
  const sizes: string[] = [];
  const viewer = await room.joinAs('viewer');
  const names: (string | undefined)[] = [];
  const watched = new Set<unknown>();
  const watch = async (track: unknown, name: string | undefined) => {
    if (watched.has(track)) return;
    watched.add(track);
    names.push(name);
    for await (const { frame } of new VideoStream(track as VideoTrack)) {
      // Blank frames of the engine, before the first real one.
      if (frame.width < 16) continue;
      const level = await greyLevel(frame as VideoFrame);
      if (level !== levels.at(-1)) levels.push(level);
      sizes.push(`${frame.width}x${frame.height}`);
    }
  };
  viewer.on(RoomEvent.TrackSubscribed, (track, { name }) => void watch(track, name));
  for (const { trackPublications } of viewer.remoteParticipants.values())
    for (const { track, name } of trackPublications.values()) if (track) void watch(track, name);
  return { levels, sizes, names, viewer };
}

const SIZE = { width: 96, height: 64 };

async function openOutput(room: LoopbackRoom, options = {}) {
  const output = new VideoOutput(room.asRoom(), { ...SIZE, maxFps: 60, ...options });
  outputs.push(output);
  await output.start();
  return output;
}

describe('what a viewer sees of a VideoOutput', () => {
  test('a viewer sees black, then each kind of picture, until the next one', async () => {
    const room = new LoopbackRoom();
    const { levels, names, sizes } = await viewed(room);
    const output = await openOutput(room);
    await until('black', () => levels.includes(0));
    expect(await output.show(greyFrame(4))).toBe(true);
    await until('the frame', () => levels.includes(4));
    expect(await output.show(await encodeFrame(greyFrame(7), { format: 'png' }))).toBe(true);
    await until('the encoded picture', () => levels.includes(7));
    output.clear();
    await until('black again', () => levels.at(-1) === 0);
    expect(levels).toEqual([0, 4, 7, 0]);
    expect(names).toEqual(['sightline-output']);
    expect(new Set(sizes)).toEqual(new Set(['96x64']));
  });

  test('a viewer who joins later sees the last picture', async () => {
    const room = new LoopbackRoom();
    const output = await openOutput(room);
    await output.show(greyFrame(6));
    const { levels } = await viewed(room);
    await until('the picture', () => levels.includes(6));
  });

  test('of pictures that come too fast, the newest is shown', async () => {
    const room = new LoopbackRoom();
    const { levels } = await viewed(room);
    const output = await openOutput(room, { maxFps: 5 });
    const shown = await Promise.all([3, 4, 5, 6].map((level) => output.show(greyFrame(level))));
    expect(shown).toEqual([false, false, false, true]);
    await until('the newest', () => levels.includes(6));
    expect(levels.filter((level) => level !== 0)).toEqual([6]);
  });
});

describe('off is off', () => {
  test('a frame of a camera that was switched off is not shown, and a shown one becomes black', async () => {
    const stage = await liveStage(camera);
    const { levels } = await viewed(stage.room);
    const output = await openOutput(stage.room);
    const seen = await stage.show(8);
    await output.show(seen);
    await until('the camera', () => levels.includes(8));
    stage.video.setMode('off');
    await until('black', () => levels.at(-1) === 0);
    expect(await output.show(seen)).toBe(false);
    expect(levels.at(-1)).toBe(0);
  });

  test('a frame that was repeated for later viewers becomes black when its camera is switched off', async () => {
    const stage = await liveStage(camera);
    const { levels } = await viewed(stage.room);
    const seen = await stage.show(8);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const output = await openOutput(stage.room);
    await output.show(seen);
    vi.advanceTimersByTime(1000);
    await until('the camera', () => levels.includes(8));
    stage.video.setMode('off');
    await until('black', () => levels.at(-1) === 0);
  });
});

describe('errors and the end', () => {
  test('show() before start() and after close() is an error with the remedy', async () => {
    const output = new VideoOutput(new LoopbackRoom().asRoom());
    expect(await rejection(output.show(greyFrame(1)))).toMatchObject({
      code: 'output-closed',
      message: 'this VideoOutput is not open: call start() first',
    });
    await output.close();
    expect(() => output.start()).toThrow(OutputError);
  });

  test('what is no picture is an error', async () => {
    const output = await openOutput(new LoopbackRoom());
    expect(await rejection(output.show('a.png' as never))).toMatchObject({ option: 'picture' });
    expect(await output.show(greyFrame(2))).toBe(true);
  });

  test('a track that cannot be published is an error, and leaves nothing', async () => {
    const room = new LoopbackRoom();
    const refused = new Error('permission denied');
    Object.assign(room.localParticipant, { publishTrack: () => Promise.reject(refused) });
    const output = new VideoOutput(room.asRoom(), SIZE);
    expect(await rejection(output.start())).toMatchObject({ code: 'output-publish' });
  });

  test('close() unpublishes the track', async () => {
    const room = new LoopbackRoom();
    const { viewer } = await viewed(room);
    const output = await openOutput(room);
    const agent = () => [...viewer.remoteParticipants.values()][0];
    await until('the track', () => (agent()?.trackPublications.size ?? 0) === 1);
    await output.close();
    await until('no track', () => agent()?.trackPublications.size === 0);
  });

  test('an output that is closed leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const output = await openOutput(new LoopbackRoom());
    expect(vi.getTimerCount()).toBe(1);
    await output.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an output that is closed while its track is published leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const room = new LoopbackRoom();
    const published = deferred<void>();
    Object.assign(room.localParticipant, { publishTrack: () => published.promise });
    const output = new VideoOutput(room.asRoom(), SIZE);
    const started = output.start();
    await output.close();
    published.resolve();
    await started;
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    ['width', 1],
    ['maxFps', 0],
    ['source', 'microphone'],
    ['fps', 5],
  ])('a wrong option %s is an error that names it', (option, value) => {
    const make = () => new VideoOutput(new LoopbackRoom().asRoom(), { [option]: value });
    expect(make).toThrow(`options.${option}`);
  });
});

afterAll(() => camera.close?.());
