import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { abortable } from '../../src/watch/abortable.ts';

test('work that ends before an abort has its own result, and leaves no listener', async () => {
  const { signal } = new AbortController();
  expect(await abortable(Promise.resolve(1), signal)).toBe(1);
  await expect(abortable(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test("an abort ends the wait at once with the signal's reason, before or during the work", async () => {
  const asked = new AbortController();
  const never = new Promise<never>(() => {});
  const during = abortable(never, asked.signal);
  asked.abort(new Error('late'));
  await expect(during).rejects.toThrow('late');
  await expect(abortable(never, asked.signal)).rejects.toThrow('late');
});

test('work that fails after the abort is not an unhandled rejection', async () => {
  const asked = new AbortController();
  let fail = (_: Error) => {};
  const work = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const waiting = abortable(work, asked.signal);
  asked.abort(new Error('late'));
  await expect(waiting).rejects.toThrow('late');
  fail(new Error('failed'));
  await new Promise(setImmediate);
  expect(getEventListeners(asked.signal, 'abort')).toEqual([]);
});
