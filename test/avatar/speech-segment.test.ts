import { AudioFrame } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { durationOf, SpeechSegment } from '../../src/avatar/speech-segment.ts';

/** Sound of this length at 1000 Hz. */
const sound = (ms: number, { level = 10_000, channels = 1 } = {}) =>
  new AudioFrame(new Int16Array(ms * channels).fill(level), 1000, channels, ms);
const { signal } = new AbortController();
const settle = () => new Promise(setImmediate);

test('the rest of a stereo frame begins with the same sample in both channels', async () => {
  const segment = new SpeechSegment();
  // Four samples of two channels, 1 ms each.
  const data = Int16Array.of(1, 10, 2, 20, 3, 30, 4, 40);
  void segment.push(new AudioFrame(data, 1000, 2, 4));
  segment.complete();
  const heard: number[] = [];
  for await (const frame of segment.framesFrom(2, signal)) {
    expect(frame.samplesPerChannel).toBe(2);
    heard.push(...frame.data);
  }
  expect(heard).toEqual([3, 30, 4, 40]);
});

test('another output continues at its position, and frames before that are left out', async () => {
  const segment = new SpeechSegment();
  for (const ms of [40, 30, 20]) void segment.push(sound(ms));
  expect(segment.durationMs).toBe(90);
  segment.complete();
  const lengths = async (fromMs: number) => {
    const frames: number[] = [];
    for await (const frame of segment.framesFrom(fromMs, signal)) frames.push(durationOf(frame));
    return frames;
  };
  expect(await lengths(0)).toEqual([40, 30, 20]);
  expect(await lengths(40)).toEqual([30, 20]);
  expect(await lengths(55)).toEqual([15, 20]);
  expect(await lengths(90)).toEqual([]);
});

test('a push waits until an output has accepted its frame', async () => {
  const segment = new SpeechSegment();
  const accepted: number[] = [];
  for (const number of [1, 2]) void segment.push(sound(10)).then(() => accepted.push(number));
  const frames = segment.framesFrom(0, signal);
  await frames.next();
  await settle();
  expect(accepted).toEqual([]);
  await frames.next();
  await settle();
  expect(accepted).toEqual([1]);
  // An output that starts again accepts nothing twice.
  await segment.framesFrom(0, signal).next();
  await settle();
  expect(accepted).toEqual([1]);
  const third = frames.next();
  await settle();
  expect(accepted).toEqual([1, 2]);
  segment.complete();
  expect((await third).done).toBe(true);
});

test('frames are passed on as they arrive, until the segment is complete', async () => {
  const segment = new SpeechSegment();
  const heard: number[] = [];
  let isOver = false;
  const listening = (async () => {
    for await (const frame of segment.framesFrom(0, signal)) heard.push(durationOf(frame));
    isOver = true;
  })();
  void segment.push(sound(10));
  await settle();
  expect([heard, isOver]).toEqual([[10], false]);
  void segment.push(sound(20));
  await settle();
  expect(heard).toEqual([10, 20]);
  segment.complete();
  await listening;
});

test.each<[string, (segment: SpeechSegment) => void]>([
  ['is interrupted', (segment) => segment.clear()],
  ['is over', (segment) => segment.end()],
])('a segment that %s ends each wait, and takes no more frames', async (_, end) => {
  const segment = new SpeechSegment();
  const unheard = new SpeechSegment();
  const waiting = unheard.push(sound(10));
  end(unheard);
  await waiting;
  const push = segment.push(sound(10));
  const frames = segment.framesFrom(0, signal);
  await frames.next();
  const next = frames.next();
  await settle();
  void segment.push(sound(10));
  end(segment);
  await push;
  await segment.push(sound(50));
  expect(segment.durationMs).toBe(20);
  await next;
  expect((await frames.next()).done).toBe(true);
  expect((await segment.framesFrom(0, signal).next()).done).toBe(true);
});

test('a segment that is over keeps no audio', () => {
  const segment = new SpeechSegment();
  void segment.push(sound(100));
  expect(segment.isLoud(0, 100)).toBe(true);
  segment.end();
  expect(segment.isLoud(0, 100)).toBe(false);
});

test('an interrupted segment is complete, and one that is over need not be', () => {
  const cleared = new SpeechSegment();
  expect([cleared.isComplete, cleared.isCleared]).toEqual([false, false]);
  cleared.clear();
  expect([cleared.isComplete, cleared.isCleared]).toEqual([true, true]);
  const completed = new SpeechSegment();
  completed.complete();
  expect([completed.isComplete, completed.isCleared]).toEqual([true, false]);
});

test('an output that is aborted gets no more frames', async () => {
  const segment = new SpeechSegment();
  for (let frame = 0; frame < 2; frame++) void segment.push(sound(10));
  const output = new AbortController();
  const frames = segment.framesFrom(0, output.signal);
  await frames.next();
  output.abort();
  expect((await frames.next()).done).toBe(true);
});

test.each<[boolean, string, AudioFrame[]]>([
  [true, 'all of it is loud', [sound(100)]],
  [false, 'it is silent', [sound(100, { level: 0 })]],
  [false, 'it is 40 dB below full scale', [sound(100, { level: 327 })]],
  [true, 'it is a little louder than that', [sound(100, { level: 329 })]],
  [true, 'four of five blocks are loud', [sound(80), sound(20, { level: 0 })]],
  [false, 'three of five blocks are loud', [sound(60), sound(40, { level: 0 })]],
  [false, 'it has not arrived yet', [sound(80)]],
  [true, 'stereo is loud', [sound(100, { channels: 2 })]],
])('speech between two positions counts as loud: %s, if %s', (isLoud, _, frames) => {
  const segment = new SpeechSegment();
  for (const frame of frames) void segment.push(frame);
  expect(segment.isLoud(0, 100)).toBe(isLoud);
});

test('only the frames between the two positions count as loud', () => {
  const segment = new SpeechSegment();
  for (const level of [10_000, 0, 10_000]) void segment.push(sound(100, { level }));
  expect([segment.isLoud(0, 100), segment.isLoud(100, 200), segment.isLoud(200, 300)]).toEqual([
    ...[true, false, true],
  ]);
  expect(segment.isLoud(200, 301)).toBe(false);
});
