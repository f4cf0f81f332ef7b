import { expect, test, vi } from 'vitest';
import { Arrivals, Gate } from '../../../src/testing/fakes/waiting.ts';
import { settled } from '../../../src/testing/simulated-clock.ts';

test('a gate that was opened no longer waits for its end', () => {
  const added = vi.spyOn(EventTarget.prototype, 'addEventListener');
  const removed = vi.spyOn(EventTarget.prototype, 'removeEventListener');
  const gate = new Gate();
  gate.hold()();
  expect(added.mock.calls.map(([type]) => type)).toEqual(['abort']);
  expect(removed.mock.calls[0]?.slice(0, 2)).toEqual(added.mock.calls[0]?.slice(0, 2));
  vi.restoreAllMocks();
});

test('a wait that a test does not await is no unhandled error', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  const arrivals = new Arrivals<void>();
  void arrivals.next('anything');
  arrivals.end('the service was closed');
  await settled();
  await settled();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
