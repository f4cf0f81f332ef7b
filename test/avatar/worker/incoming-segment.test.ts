import type { ByteStreamReader } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IncomingSegment } from '../../../src/avatar/worker/incoming-segment.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

/** A segment of which nothing arrives. */
const silent = () =>
  new IncomingSegment({
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
  } as unknown as ByteStreamReader);

test('the limit of a wait for speech starts again, and the earlier one ends', async () => {
  const segment = silent();
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
