import { expect, test } from 'vitest';
import { EventRing, type KeptEvent } from '../../src/inspect/event-ring.ts';

/** Memory that an event needs beside its text, in bytes. */
const OVERHEAD = 200;

const event = (seq: number, length: number): KeptEvent => ({
  ...{ seq, json: 'x'.repeat(length), type: '@xstate.event', sessionId: 'x:0' },
  ...{ children: undefined, parentId: undefined, name: undefined },
});

/** A ring with events of these lengths, and the numbers of those that it dropped. */
function ringOf(limits: { events: number; bytes: number }, lengths: readonly number[]) {
  const dropped: number[] = [];
  const ring = new EventRing(limits, ({ seq }) => dropped.push(seq));
  for (const [index, length] of lengths.entries()) ring.push(event(index + 1, length));
  return { ring, dropped };
}

const numbers = (events: readonly KeptEvent[]) => events.map(({ seq }) => seq);

test('a batch has at most the given number and bytes of events, and at least one', () => {
  const { ring } = ringOf({ events: 10, bytes: 1e6 }, [10, 10, 5000, 10]);
  expect(numbers(ring.from(1, 2, 1e6))).toEqual([1, 2]);
  expect(numbers(ring.from(1, 10, 2 * (OVERHEAD + 10)))).toEqual([1, 2]);
  expect(numbers(ring.from(3, 10, 1000))).toEqual([3]);
  expect(numbers(ring.from(4, 10, 1000))).toEqual([4]);
  expect(ring.from(5, 10, 1000)).toEqual([]);
});

test('the oldest events are dropped first, and one that is too large alone is kept', () => {
  const few = ringOf({ events: 2, bytes: 1e6 }, [1, 1, 1, 1]);
  expect(few.dropped).toEqual([1, 2]);
  expect(few.ring.firstSeq).toBe(3);
  expect(numbers(few.ring.from(0, 10, 1e6))).toEqual([3, 4]);
  const large = ringOf({ events: 10, bytes: 1000 }, [1, 1, 5000]);
  expect(large.dropped).toEqual([1, 2]);
  expect({ size: large.ring.size, bytes: large.ring.bytes }).toEqual({
    size: 1,
    bytes: 5000 + OVERHEAD,
  });
});

test('a ring that dropped thousands of events returns the kept ones by their numbers', () => {
  const { ring, dropped } = ringOf({ events: 100, bytes: 1e9 }, Array(5000).fill(1));
  expect(dropped).toEqual(Array.from({ length: 4900 }, (_, index) => index + 1));
  expect([ring.size, ring.firstSeq, ring.bytes]).toEqual([100, 4901, 100 * (OVERHEAD + 1)]);
  expect(numbers(ring.from(4950, 2, 1e6))).toEqual([4950, 4951]);
  expect(numbers(ring.from(1, 1, 1e6))).toEqual([4901]);
  expect(ringOf({ events: 1, bytes: 1 }, []).ring.firstSeq).toBe(1);
});
