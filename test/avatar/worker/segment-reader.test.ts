import { voice } from '@livekit/agents';
import type { ByteStreamReader } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IncomingSegment } from '../../../src/avatar/worker/incoming-segment.ts';
import { SegmentQueue } from '../../../src/avatar/worker/segment-queue.ts';
import { SegmentReader } from '../../../src/avatar/worker/segment-reader.ts';
import { bytesOf } from '../../support/avatar/collect.ts';

const FORMAT = { sample_rate: '8000', num_channels: '1' };
const LIMITS = { idleTimeoutMs: 1000, supersededTimeoutMs: 100, frameMs: 1 };
/** Samples of one frame of 1 ms. */
const FRAME = [1, 2, 3, 4, 5, 6, 7, 8];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

/** A stream whose chunks the test writes, and what came of it. */
function stage(attributes: Record<string, string> = FORMAT) {
  const asked: { resolve(result: IteratorResult<Uint8Array>): void; reject(error: Error): void }[] =
    [];
  let closes = 0;
  const segment = new IncomingSegment({
    info: { name: 'seg_1', attributes },
    close: async () => {
      closes += 1;
    },
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise((resolve, reject) => asked.push({ resolve, reject })),
    }),
  } as unknown as ByteStreamReader);
  const queue = new SegmentQueue();
  queue.open(segment);
  const state = { isSuperseded: false };
  const faults: string[] = [];
  const reading = new SegmentReader(
    segment,
    queue,
    LIMITS,
    () => state.isSuperseded,
    (error) => faults.push(error.message),
  ).read();
  /** Lets the reader take what was written. */
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return {
    ...{ segment, queue, state, faults, reading, settle },
    closes: () => closes,
    async write(...samples: number[]) {
      asked.shift()?.resolve({ done: false, value: bytesOf(samples) });
      await settle();
    },
    async writeBytes(bytes: Uint8Array) {
      asked.shift()?.resolve({ done: false, value: bytes });
      await settle();
    },
    end: () => asked.shift()?.resolve({ done: true, value: undefined }),
    fail: (error: Error) => asked.shift()?.reject(error),
    /** What waits in the queue: samples of each frame, and the end. */
    async heard() {
      const items: unknown[] = [];
      for (;;) {
        const item = await queue.next();
        if (!item || item instanceof voice.AudioSegmentEnd) return [...items, item && 'end'];
        items.push([...item.data]);
      }
    },
  };
}

test('a segment gives its frames, its shorter rest and a mark, and its stream is closed', async () => {
  const { write, end, reading, heard, faults, closes } = stage();
  await write(...FRAME, 9, 10);
  end();
  await reading;
  expect(await heard()).toEqual([FRAME, [9, 10], 'end']);
  expect([faults, closes()]).toEqual([[], 1]);
  expect(vi.getTimerCount()).toBe(0);
});

test('bytes that form no whole sample are reported, and the rest is heard', async () => {
  const { writeBytes, end, reading, heard, faults } = stage({ ...FORMAT, num_channels: '2' });
  await writeBytes(Uint8Array.of(1, 0, 2, 0, 3, 0, 4));
  end();
  await reading;
  expect(await heard()).toEqual([[1, 2], 'end']);
  expect(faults).toEqual([expect.stringContaining('its last 3 bytes are not a whole sample')]);
});

test('a segment of an unknown format is reported with a quote, and ends at once', async () => {
  const { reading, heard, faults, closes } = stage({ num_channels: '1', note: 'x'.repeat(500) });
  await reading;
  expect(await heard()).toEqual(['end']);
  expect(closes()).toBe(1);
  expect(faults[0]).toMatch(/segment seg_1: its attributes have no usable .*"num_channels":"1"/);
  expect(faults[0]?.length).toBeLessThan(300);
});

test('a segment without an end is reported once its idle limit has passed', async () => {
  const { write, reading, heard, faults } = stage();
  await vi.advanceTimersByTimeAsync(999);
  await write(...FRAME);
  await vi.advanceTimersByTimeAsync(999);
  expect(faults).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await reading;
  expect(faults).toEqual([
    expect.stringContaining('its end did not come, and nothing came for 1000 ms'),
  ]);
  expect(await heard()).toEqual([FRAME, 'end']);
});

test('a superseded segment waits for the shorter limit only', async () => {
  const { state, write, reading, faults } = stage();
  state.isSuperseded = true;
  await write(...FRAME);
  await vi.advanceTimersByTimeAsync(99);
  expect(faults).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await reading;
  expect(faults).toEqual([expect.stringContaining('its end did not come, and the next one came')]);
});

test('a superseded segment that goes on is cut off after the idle limit', async () => {
  const { state, write, reading, faults } = stage();
  state.isSuperseded = true;
  await write(...FRAME);
  for (let ms = 0; ms < 1000; ms += 50) {
    expect(faults).toEqual([]);
    await vi.advanceTimersByTimeAsync(50);
    await write(...FRAME);
  }
  expect(faults).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await write(...FRAME);
  await reading;
  expect(faults).toEqual([
    expect.stringContaining('it went on for 1000 ms after the next one had begun'),
  ]);
});

test('more speech than may wait ends the segment, and the sender cannot fill the memory', async () => {
  const limit = 64 * 1024 * 1024;
  const { queue, write, reading, faults } = stage();
  let waitingBytes = limit;
  Object.defineProperty(queue, 'waitingBytes', { get: () => waitingBytes });
  await write(...FRAME);
  expect(faults).toEqual([]);
  waitingBytes += 1;
  await write(...FRAME);
  await reading;
  expect(faults).toEqual([
    expect.stringContaining(`more than ${limit} bytes of speech wait to be played`),
  ]);
});

test('a stream that breaks off is reported with its cause, and what came is heard', async () => {
  const { write, fail, reading, heard, faults } = stage();
  await write(...FRAME);
  fail(new Error('left'));
  await reading;
  expect(faults).toEqual([expect.stringContaining('it broke off: Error: left')]);
  expect(await heard()).toEqual([FRAME, 'end']);
});

test('a segment that a clear dropped ends without a fault, whatever its stream does', async () => {
  for (const last of ['end', 'fail', 'half a sample', 'nothing'] as const) {
    const { queue, settle, write, writeBytes, end, fail, reading, faults } = stage();
    await write(...FRAME);
    await writeBytes(Uint8Array.of(1));
    queue.clear();
    if (last === 'end') end();
    if (last === 'fail') fail(new Error('left'));
    if (last === 'half a sample') await writeBytes(Uint8Array.of(1, 2));
    if (last === 'nothing') await vi.advanceTimersByTimeAsync(1000);
    await settle();
    await reading;
    expect([last, faults, queue.waitingBytes]).toEqual([last, [], 0]);
  }
});
