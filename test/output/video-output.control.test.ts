import {
  type LocalVideoTrack,
  type Room,
  type TrackPublishOptions,
  TrackSource,
  VideoSource,
} from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { rgbFrame } from '../../src/frames/frame-edit.ts';
import { handOut } from '../../src/frames/handed-frames.ts';
import { seenFrame } from '../../src/frames/seen-frame.ts';
import { VideoOutput, type VideoOutputOptions } from '../../src/output/video-output.ts';

const SIZE = { width: 32, height: 16 };
const BLACK = 0;

/** The level of each picture that viewers get, in order. */
let captured: (number | undefined)[] = [];
beforeEach(() => {
  captured = [];
  vi.spyOn(VideoSource.prototype, 'captureFrame').mockImplementation(({ data }) => {
    captured.push(data[0]);
  });
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A picture of one level. */
const grey = (level: number) =>
  rgbFrame({ rgb: Buffer.alloc(3 * SIZE.width * SIZE.height, level), ...SIZE });

/** A frame of a camera that can be switched off. */
function cameraFrame(level: number) {
  const state = { isOn: true };
  const withdrawals: (() => void)[] = [];
  const ref: FrameRef = {
    ...{ id: 1, trackSid: 'TR_1', identity: 'ada', source: 'camera', receivedAt: 0, ...SIZE },
  };
  const frame = seenFrame({ ref, frame: grey(level), rotation: 0 }, () => state.isOn);
  handOut(frame, {
    isValid: () => state.isOn,
    keep: (content, withdraw) => void withdrawals.push(() => withdraw(content)),
    noteShown: () => {},
  });
  const switchOff = () => {
    state.isOn = false;
    for (const withdraw of withdrawals) withdraw();
  };
  return { frame, switchOff };
}

/** An output in a room that publishes and unpublishes as the test says. */
function stage(options: VideoOutputOptions = {}) {
  const published: { track: LocalVideoTrack; options: TrackPublishOptions }[] = [];
  const unpublished: string[] = [];
  const participant = {
    publish: async (): Promise<void> => {},
    unpublish: async (): Promise<void> => {},
    publishTrack: (track: LocalVideoTrack, given: TrackPublishOptions) => {
      published.push({ track, options: given });
      if (track.info) track.info.sid = 'TR_output';
      return participant.publish();
    },
    unpublishTrack: (sid: string) => {
      unpublished.push(sid);
      return participant.unpublish();
    },
  };
  const room = { localParticipant: participant as typeof participant | undefined };
  const output = new VideoOutput(room as unknown as Room, { ...SIZE, maxFps: 10, ...options });
  return { output, room, participant, published, unpublished };
}

/** Pictures are scaled on other threads, while the clock of the test stands still. */
async function turnsUntil(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise(setImmediate);
}

test('a track is published once, black at first, with the name and the source of the options', async () => {
  const { output, published } = stage({ name: 'drawing' });
  await Promise.all([output.start(), output.start()]);
  expect(published).toHaveLength(1);
  expect(published[0]?.track.name).toBe('drawing');
  expect(published[0]?.options.source).toBe(TrackSource.SOURCE_SCREENSHARE);
  expect(captured).toEqual([BLACK]);
  await output.close();
  const camera = stage({ source: 'camera' });
  await camera.output.start();
  expect(camera.published[0]?.options.source).toBe(TrackSource.SOURCE_CAMERA);
  await camera.output.close();
});

test('the last picture is sent again each second until the end, for viewers who join later', async () => {
  const { output } = stage();
  await output.start();
  const shown = output.show(grey(200));
  vi.advanceTimersByTime(100);
  expect(await shown).toBe(true);
  vi.advanceTimersByTime(899);
  expect(captured).toEqual([BLACK, 200]);
  vi.advanceTimersByTime(1);
  vi.advanceTimersByTime(1000);
  expect(captured).toEqual([BLACK, 200, 200, 200]);
  await output.close();
  vi.advanceTimersByTime(5000);
  expect(captured).toHaveLength(4);
});

test('pictures come no faster than maxFps, counted from the last one', async () => {
  const { output } = stage({ maxFps: 10 });
  await output.start();
  // One timer repeats the last picture; the other one is that of the pause.
  const first = output.show(grey(100));
  await vi.advanceTimersByTimeAsync(99);
  expect([captured, vi.getTimerCount()]).toEqual([[BLACK], 2]);
  await vi.advanceTimersByTimeAsync(1);
  await first;
  const second = output.show(grey(200));
  await vi.advanceTimersByTimeAsync(99);
  expect([captured, vi.getTimerCount()]).toEqual([[BLACK, 100], 2]);
  await vi.advanceTimersByTimeAsync(1);
  await second;
  // After a longer time, the next one comes at once.
  vi.advanceTimersByTime(500);
  expect(await output.show(grey(50))).toBe(true);
  expect(captured).toEqual([BLACK, 100, 200, 50]);
  await output.close();
});

test('a picture that is asked for while another one is scaled follows it', async () => {
  const { output } = stage();
  await output.start();
  vi.advanceTimersByTime(500);
  const first = output.show(grey(100));
  // It is no longer the one that waits.
  await new Promise(setImmediate);
  const second = output.show(grey(200));
  expect(await first).toBe(true);
  // The timers of the repetition and of the pause.
  expect([captured, vi.getTimerCount()]).toEqual([[BLACK, 100], 2]);
  await vi.advanceTimersByTimeAsync(100);
  expect(await second).toBe(true);
  expect(captured).toEqual([BLACK, 100, 200]);
  await output.close();
});

test('a picture that waits is dropped by clear(), which shows black', async () => {
  const { output } = stage();
  await output.start();
  const outcomes: boolean[] = [];
  void output.show(grey(100)).then((isShown) => outcomes.push(isShown));
  output.clear();
  await vi.advanceTimersByTimeAsync(500);
  expect(outcomes).toEqual([false]);
  const next = output.show(grey(200));
  await turnsUntil(() => captured.length > 2);
  expect(captured).toEqual([BLACK, BLACK, 200]);
  expect(await next).toBe(true);
  await output.close();
});

test('a picture becomes black when its camera is switched off, and no other picture does', async () => {
  const { output } = stage();
  await output.start();
  const [first, second] = [cameraFrame(100), cameraFrame(200)];
  for (const { frame } of [first, second]) {
    vi.advanceTimersByTime(300);
    expect(await output.show(frame)).toBe(true);
  }
  first.switchOff();
  expect(captured).toEqual([BLACK, 100, 200]);
  second.switchOff();
  expect(captured).toEqual([BLACK, 100, 200, BLACK]);
  vi.advanceTimersByTime(300);
  await output.show(grey(50));
  second.switchOff();
  expect(captured.at(-1)).toBe(50);
  // Also after it was sent again for viewers who join later.
  const third = cameraFrame(100);
  vi.advanceTimersByTime(300);
  await output.show(third.frame);
  vi.advanceTimersByTime(2000);
  third.switchOff();
  expect(captured.slice(-2)).toEqual([100, BLACK]);
  await output.close();
});

test('a camera that is switched off while its picture is scaled is not shown', async () => {
  const { output } = stage();
  await output.start();
  vi.advanceTimersByTime(500);
  const { frame, switchOff } = cameraFrame(100);
  const shown = output.show(frame);
  switchOff();
  expect(await shown).toBe(false);
  expect(captured).toEqual([BLACK]);
  await output.close();
});

test('a close ends what waits, unpublishes the track once, and shows nothing more', async () => {
  const { output, unpublished, published } = stage();
  await output.start();
  const waiting = output.show(grey(100));
  const closed = vi.spyOn(published[0]?.track as LocalVideoTrack, 'close');
  await Promise.all([output.close(), output.close()]);
  expect(await waiting).toBe(false);
  expect(unpublished).toEqual(['TR_output']);
  expect(closed).toHaveBeenCalledTimes(1);
  output.clear();
  await vi.advanceTimersByTimeAsync(5000);
  expect(captured).toEqual([BLACK]);
  await expect(output.show(grey(100))).rejects.toMatchObject({ code: 'output-closed' });
  expect(vi.getTimerCount()).toBe(0);
});

test('a picture that is scaled during the close is not shown', async () => {
  const { output } = stage();
  await output.start();
  vi.advanceTimersByTime(500);
  const shown = output.show(grey(100));
  await Promise.resolve();
  await output.close();
  expect(await shown).toBe(false);
  expect(captured).toEqual([BLACK]);
});

test('an output that was never started closes at once', async () => {
  const { output, unpublished } = stage();
  await output.close();
  expect(unpublished).toEqual([]);
});

test('the end of a track that the room refuses or never confirms is no error', async () => {
  const refused = stage();
  refused.participant.unpublish = () => Promise.reject(new Error('gone'));
  await refused.output.start();
  await refused.output.close();
  const silent = stage();
  silent.participant.unpublish = () => new Promise(() => {});
  await silent.output.start();
  let isClosed = false;
  const closed = silent.output.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(9999);
  expect(isClosed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await closed;
  expect(vi.getTimerCount()).toBe(0);
});

test('a room without a connection, or one that does not publish, is an error with its reason', async () => {
  const left = stage();
  left.room.localParticipant = undefined;
  await expect(left.output.start()).rejects.toMatchObject({ code: 'output-not-connected' });
  const refusal = new Error('permission denied');
  const refused = stage();
  refused.participant.publish = () => Promise.reject(refusal);
  await expect(refused.output.start()).rejects.toMatchObject({
    ...{ message: 'the track cannot be published: permission denied', cause: refusal },
  });
  expect(() => refused.output.start()).toThrow('this VideoOutput is closed');
  const silent = stage();
  silent.participant.publish = () => new Promise(() => {});
  const failed = expect(silent.output.start()).rejects.toThrow('it took longer than 10000 ms');
  await vi.advanceTimersByTimeAsync(9999);
  expect(silent.unpublished).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await failed;
  expect(silent.unpublished).toEqual(['TR_output']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a picture that cannot be scaled is an error of its call only', async () => {
  const { output } = stage();
  await output.start();
  vi.advanceTimersByTime(500);
  const broken = { data: Buffer.from('no picture'), mimeType: 'image/png', ...SIZE } as const;
  await expect(output.show(broken)).rejects.toThrow();
  const next = output.show(grey(100));
  await turnsUntil(() => captured.length === 2);
  expect(await next).toBe(true);
  await output.close();
});
