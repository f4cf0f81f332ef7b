import type { ByteStreamReader } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IncomingSegment } from '../../../src/avatar/worker/incoming-segment.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

/** A segment of which these parts arrive at once, and then nothing. */
const arriving = (...parts: Promise<unknown>[]) => {
  let iterators = 0;
  const segment = new IncomingSegment({
    [Symbol.asyncIterator]: () => {
      iterators++;
      return { next: () => parts.shift() ?? new Promise(() => {}) };
    },
  } as unknown as ByteStreamReader);
  return { segment, iterators: () => iterators };
};

test('the limit of a wait for speech starts again, and the earlier one ends', async () => {
  const { segment } = arriving();
  let result: unknown;
  void segment.next(1000).then((got) => {
    result = got;
  });
  await vi.advanceTimersByTimeAsync(500);
  segment.waitNoLongerThan(1000);
  await vi.advanceTimersByTimeAsync(999);
  expect(result).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(result).toBe('late');
  expect(vi.getTimerCount()).toBe(0);
});

test('a wait for speech that has ended leaves no limit, and none begins again', async () => {
  const value = new Uint8Array(2);
  const { segment, iterators } = arriving(Promise.resolve({ value }), Promise.resolve({ value }));
  for (let part = 1; part <= 2; part++) {
    expect(await segment.next(1000)).toBe(value);
    segment.waitNoLongerThan(500);
    expect(vi.getTimerCount()).toBe(0);
  }
  expect(iterators()).toBe(1);
});

test('speech that breaks off is an error, and leaves no limit', async () => {
  const { segment } = arriving(Promise.reject(new Error('broken')));
  await expect(segment.next(1000)).rejects.toThrow('broken');
  expect(vi.getTimerCount()).toBe(0);
});
