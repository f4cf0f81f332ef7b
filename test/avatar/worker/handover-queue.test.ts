import { expect, test } from 'vitest';
import { HandoverQueue } from '../../../src/avatar/worker/handover-queue.ts';

test('a consumer gets the items in order, and waits for the next one', async () => {
  const taken: number[] = [];
  const queue = new HandoverQueue<number>((item) => taken.push(item));
  queue.push(1);
  queue.push(2);
  expect(await queue.next()).toBe(1);
  expect({ size: queue.size, taken }).toEqual({ size: 1, taken: [1] });
  queue.clear();
  const next = queue.next();
  queue.push(3);
  expect(await next).toBe(3);
  expect(taken).toEqual([1, 3]);
});

test('a close ends the wait of the consumer, and drops everything before and after it', async () => {
  const waiting = new HandoverQueue<number>();
  const next = waiting.next();
  waiting.close();
  expect(await next).toBeUndefined();
  const full = new HandoverQueue<number>();
  full.push(1);
  full.close();
  full.push(2);
  expect(full.size).toBe(0);
  expect(await full.next()).toBeUndefined();
});
