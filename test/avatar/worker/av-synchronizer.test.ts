import { AudioFrame, type AudioSource, type VideoFrame, type VideoSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AvSynchronizer } from '../../../src/avatar/worker/av-synchronizer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

/** A synchronizer of 25 pictures a second, and when it passed on each picture. */
function stage({ queueMs = 100 } = {}) {
  const startedAt = performance.now();
  const log: string[] = [];
  const shown: [number: number, at: number][] = [];
  const video = {
    captureFrame: (frame: { number: number }) =>
      shown.push([frame.number, Math.round(performance.now() - startedAt)]),
  } as unknown as VideoSource;
  const audio = {
    captureFrame: async (frame: AudioFrame) => void log.push(`audio ${frame.samplesPerChannel}`),
    clearQueue: () => void log.push('clear'),
  } as unknown as AudioSource;
  const synchronizer = new AvSynchronizer({ audio, video, fps: 25, queueMs });
  const picture = (number: number) => synchronizer.pushVideo({ number } as unknown as VideoFrame);
  const speech = (ms: number) =>
    synchronizer.pushAudio(new AudioFrame(new Int16Array(24 * ms), 24_000, 1, 24 * ms));
  return { synchronizer, shown, log, picture, speech };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('in silence, pictures follow their rate', async () => {
  const { synchronizer, shown, picture } = stage();
  for (const number of [1, 2, 3]) await picture(number);
  await pass(200);
  expect(shown).toEqual([
    [1, 0],
    [2, 40],
    [3, 80],
  ]);
  synchronizer.close();
});

test('pictures that come late restart at the current time, and do not catch up', async () => {
  const { synchronizer, shown, picture } = stage();
  await picture(1);
  await pass(341);
  await picture(2);
  await picture(3);
  await pass(100);
  expect(shown).toEqual([
    [1, 0],
    [2, 341],
    [3, 381],
  ]);
  synchronizer.close();
});

test('pictures that are a little late keep their rate, and only the last of them is shown', async () => {
  const { synchronizer, shown, picture } = stage();
  await picture(1);
  await pass(200);
  for (const number of [2, 3, 4]) await picture(number);
  await pass(100);
  expect(shown.map(([number]) => number)).toEqual([1, 2, 3, 4]);
  expect(shown.at(-1)?.[1]).toBe(200);
  synchronizer.close();
});

test('speech begins with the newest picture, 70 ms later, and drops those before it', async () => {
  const { synchronizer, shown, picture, speech } = stage();
  for (const number of [1, 2, 3]) await picture(number);
  await speech(40);
  await pass(200);
  expect(shown).toEqual([
    [1, 0],
    [3, 70],
  ]);
  synchronizer.close();
});

test('in speech, a picture is shown 70 ms after the audio that follows it is heard', async () => {
  const { synchronizer, shown, picture, speech } = stage();
  await picture(1);
  await speech(50);
  await picture(2);
  await speech(30);
  await picture(3);
  expect(Math.round(synchronizer.audioEndsAt - performance.now())).toBe(80);
  await pass(300);
  expect(shown).toEqual([
    [1, 0],
    [2, 120],
    [3, 150],
  ]);
  synchronizer.close();
});

test('a picture waits for space while the queue is full, and a clear makes space', async () => {
  // 100 ms and the delay of pictures are 4 pictures.
  const { synchronizer, shown, log, picture, speech } = stage();
  await speech(1000);
  for (const number of [1, 2, 3, 4]) await picture(number);
  let isQueued = false;
  const fifth = picture(5).then(() => {
    isQueued = true;
  });
  await pass(100);
  expect(isQueued).toBe(false);
  synchronizer.clear();
  await fifth;
  await pass(2000);
  expect(log).toEqual(['audio 24000', 'clear']);
  expect(shown.map(([number]) => number)).toEqual([5]);
  synchronizer.close();
});

test('a picture after a clear is not delayed by the pictures that were dropped', async () => {
  const { synchronizer, shown, picture } = stage();
  for (const number of [1, 2, 3, 4]) await picture(number);
  synchronizer.clear();
  await picture(5);
  await pass(200);
  expect(shown).toEqual([
    [1, 0],
    [5, 40],
  ]);
  synchronizer.close();
});

test('a picture that is shown makes space for the next one', async () => {
  const { synchronizer, picture } = stage();
  for (const number of [1, 2, 3, 4, 5]) await picture(number);
  let isQueued = false;
  void picture(6).then(() => {
    isQueued = true;
  });
  await pass(39);
  expect(isQueued).toBe(false);
  await pass(1);
  expect(isQueued).toBe(true);
  synchronizer.close();
});

test('audio that is dropped no longer counts as playing', async () => {
  const { synchronizer, speech } = stage();
  await speech(1000);
  expect(synchronizer.audioEndsAt).toBeGreaterThan(performance.now());
  synchronizer.clear();
  expect(synchronizer.audioEndsAt).toBe(performance.now());
  synchronizer.close();
});

test('after the close, nothing is passed on, no wait is left and no timer', async () => {
  const { synchronizer, shown, log, picture, speech } = stage();
  for (const number of [1, 2, 3, 4, 5]) await picture(number);
  const waiting = picture(6);
  synchronizer.close();
  await waiting;
  await picture(7);
  await speech(40);
  expect(vi.getTimerCount()).toBe(0);
  await pass(500);
  expect([shown.length, log]).toEqual([1, []]);
});

test('empty audio is not passed on', async () => {
  const { synchronizer, log, speech } = stage();
  await speech(0);
  expect(log).toEqual([]);
  synchronizer.close();
});
