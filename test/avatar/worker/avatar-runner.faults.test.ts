import { AudioFrame, AudioSource, VideoSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AvatarRunner } from '../../../src/avatar/worker/avatar-runner.ts';
import type { AvatarError } from '../../../src/errors.ts';
import { greyFrame } from '../../../src/testing/camera/levels.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { until } from '../../../src/testing/waits.ts';
import { Echo, FORMAT, HandReceiver, RATE } from '../../support/avatar/hand-runner.ts';

let room: LoopbackRoom;
let runner: AvatarRunner;
let audio: HandReceiver;
let video: Echo;
let errors: AvatarError[];

beforeEach(() => {
  errors = [];
  room = new LoopbackRoom({ speech: true });
  audio = new HandReceiver();
  video = new Echo();
  runner = new AvatarRunner({
    ...{ room: room.asRoom(), audio, video, options: FORMAT, subscriptionTimeoutMs: 1 },
  });
  runner.on('error', (error) => errors.push(error));
});
afterEach(async () => {
  vi.useRealTimers();
  await runner.aclose();
  await room.disconnect();
  vi.restoreAllMocks();
});

const tracks = () => [...room.localParticipant.trackPublications.values()];
const settle = () => new Promise(setImmediate);
/** The speech and the pictures are closed, and nothing is left in the room. */
function expectClosed(): void {
  expect([audio.closes, video.closes]).toEqual([1, 1]);
  expect(audio.listenerCount('clearBuffer')).toBe(0);
  expect(tracks()).toEqual([]);
}

test('each segment has one report of its start, however many frames it has', async () => {
  await runner.start();
  for (let frame = 0; frame < 3; frame++)
    audio.items.push(new AudioFrame(new Int16Array(RATE / 50), RATE, 1, RATE / 50));
  audio.speak(20);
  await until('the end of the segment', () => audio.finished.length === 1);
  expect(audio.starts).toBe(1);
  audio.speak(20);
  await until('the end of the next segment', () => audio.finished.length === 2);
  expect(audio.starts).toBe(2);
});

test('speech that is cleared while it is heard is reported once, with a part of its length', async () => {
  await runner.start();
  for (let piece = 0; piece < 100; piece++)
    audio.items.push(new AudioFrame(new Int16Array(RATE / 10), RATE, 1, RATE / 10));
  await until('the start', () => audio.starts === 1);
  audio.emit('clearBuffer', { unheardSegments: 0 });
  expect(audio.finished).toMatchObject([{ interrupted: true }]);
  const { playbackPosition = -1 } = audio.finished[0] ?? {};
  expect(playbackPosition).toBeGreaterThanOrEqual(0);
  expect(playbackPosition).toBeLessThan(10);
});

test('speech that the generator returns during a clear is not heard, and the next segment is', async () => {
  await runner.start();
  let cleared = () => {};
  const clearing = vi.spyOn(video, 'clearBuffer').mockImplementation(
    () =>
      new Promise((resolve) => {
        cleared = resolve;
      }),
  );
  audio.emit('clearBuffer', { unheardSegments: 0 });
  await settle();
  audio.speak(20);
  await until('the generator has passed it on', () => video.items.size === 0);
  await settle();
  expect([audio.starts, audio.finished]).toEqual([0, []]);
  cleared();
  await settle();
  // The generator lost a segment, and the clear after it reports that one.
  audio.emit('clearBuffer', { unheardSegments: 0 });
  await settle();
  cleared();
  await settle();
  audio.finished.splice(0);
  audio.speak(20);
  await until('the end of the segment', () => audio.finished.length === 1);
  expect(audio.finished).toEqual([{ playbackPosition: 0.02, interrupted: false }]);
  clearing.mockRestore();
});

test('a clear while the generator takes speech also drops what waits behind it', async () => {
  await runner.start();
  // At another rate, so that a change of the rate releases the rest together with the next frame.
  const low = RATE / 3;
  audio.items.push(new AudioFrame(new Int16Array(low / 10), low, 1, low / 10));
  await until('the speech', () => video.taken.length > 0);
  await settle();
  video.taken.splice(0);
  let take = () => {};
  const push = vi.spyOn(video, 'pushAudio').mockImplementation(
    () =>
      new Promise((resolve) => {
        take = resolve;
      }),
  );
  audio.items.push(new AudioFrame(new Int16Array(RATE / 10), RATE, 1, RATE / 10));
  await until('the rest of the first frame', () => push.mock.calls.length === 1);
  audio.emit('clearBuffer', { unheardSegments: 0 });
  take();
  await settle();
  expect(push).toHaveBeenCalledOnce();
});

test('a generator that fails is reported with its error, and a closed avatar reports nothing', async () => {
  const broken = new Error('out of memory');
  vi.spyOn(video, 'pushAudio').mockRejectedValueOnce(broken as never);
  await runner.start();
  audio.speak(20);
  await until('the error', () => errors.length === 1);
  expect(errors[0]).toMatchObject({
    code: 'avatar-generator',
    message: expect.stringMatching(/^the avatar stopped playing: .*out of memory/),
    cause: broken,
  });
  await runner.aclose();
  vi.spyOn(video, 'clearBuffer').mockRejectedValue(broken as never);
  audio.emit('clearBuffer', { unheardSegments: 1 });
  await settle();
  expect(errors).toHaveLength(1);
});

test('a clear that fails is an error, and later speech is heard', async () => {
  await runner.start();
  vi.spyOn(video, 'clearBuffer').mockRejectedValueOnce(new Error('no buffer') as never);
  audio.emit('clearBuffer', { unheardSegments: 0 });
  await until('the error', () => errors.length === 1);
  audio.speak(20);
  await until('the end of the segment', () => audio.finished.length === 1);
  expect(audio.finished).toEqual([{ playbackPosition: 0.02, interrupted: false }]);
});

test.each<[string, () => void, object]>([
  [
    'speech cannot be received',
    () => vi.spyOn(audio, 'start').mockRejectedValue(new Error('no handler')),
    {
      code: 'avatar-start-failed',
      message: expect.stringMatching(/^the avatar cannot play: .*no handler/),
    },
  ],
  [
    'generator fails',
    () =>
      vi.spyOn(video.items, 'next').mockImplementation(async () => {
        throw new Error('no picture');
      }),
    {
      code: 'avatar-start-failed',
      message: expect.stringMatching(/^the avatar cannot play: .*no picture/),
    },
  ],
  [
    'generator returns nothing',
    () => video.aclose(),
    { code: 'avatar-generator', message: 'the generator ended without a frame' },
  ],
])('an avatar whose %s does not start, and leaves nothing', async (_, fail, error) => {
  fail();
  const closes = video.closes;
  await expect(runner.start()).rejects.toMatchObject(error);
  video.closes -= closes;
  expectClosed();
});

test('an avatar starts once, and not after its close', async () => {
  await runner.start();
  expect(tracks().map(({ name }) => name)).toEqual(['avatar_audio', 'avatar_video']);
  await expect(runner.start()).rejects.toThrow('already started');
  expect(tracks()).toHaveLength(2);
  const closed = runner.aclose();
  expect(runner.aclose()).toBe(closed);
  await closed;
  expectClosed();
  await expect(runner.start()).rejects.toMatchObject({ code: 'avatar-closed' });
});

test('an avatar whose generator fails to clear is closed, and leaves nothing', async () => {
  await runner.start();
  vi.spyOn(video, 'clearBuffer').mockRejectedValue(new Error('broken') as never);
  await runner.aclose();
  expectClosed();
});

test('an avatar whose generator never ends leaves the room at a limit', async () => {
  await runner.start();
  vi.spyOn(video, 'clearBuffer').mockReturnValue(new Promise(() => {}));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const closed = runner.aclose();
  await vi.advanceTimersByTimeAsync(10_000);
  vi.useRealTimers();
  await closed;
  expect(tracks()).toEqual([]);
  expect(audio.closes).toBe(1);
});

test('a close during speech ends the playback, and reports no end later', async () => {
  await runner.start();
  audio.speak(10_000);
  await until('the start', () => audio.starts === 1);
  await runner.aclose();
  expectClosed();
  expect(audio.finished).toEqual([]);
});

test('each picture of the generator reaches the track', async () => {
  const shown = vi.spyOn(VideoSource.prototype, 'captureFrame');
  await runner.start();
  for (const level of [2, 3]) {
    const picture = greyFrame(level);
    video.items.push(picture);
    await until('the picture', () => shown.mock.calls.at(-1)?.[0] === picture);
  }
});

test('the generator is asked for more only when the track has space for its sound', async () => {
  await runner.start();
  let take = () => {};
  const capture = vi.spyOn(AudioSource.prototype, 'captureFrame').mockImplementation(
    () =>
      new Promise((resolve) => {
        take = resolve;
      }),
  );
  const samples = RATE / 50;
  for (let frame = 0; frame < 2; frame++)
    video.items.push(new AudioFrame(new Int16Array(samples), RATE, 1, samples));
  await until('the first sound', () => capture.mock.calls.length === 1);
  await settle();
  expect(video.items.size).toBe(1);
  take();
  await until('the second sound', () => capture.mock.calls.length === 2);
  take();
});

test('an avatar without a listener for its errors can be closed after its generator failed', async () => {
  runner.removeAllListeners('error');
  const push = vi.spyOn(video, 'pushAudio');
  push.mockRejectedValueOnce(new Error('out of memory') as never);
  await runner.start();
  audio.speak(20);
  await until('the failure', () => push.mock.calls.length === 1);
  await settle();
  await runner.aclose();
  expectClosed();
});
