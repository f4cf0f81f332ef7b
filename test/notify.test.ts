import { expect, test } from 'vitest';
import { notify } from '../src/notify.ts';

test('a handler gets the event at once, and what it throws or rejects goes to the caller only', async () => {
  const errors: unknown[] = [];
  const got: number[] = [];
  const tell = (handler: (event: number) => unknown) =>
    notify(handler, 7, (error) => errors.push(error));
  tell((event) => got.push(event));
  expect(got).toEqual([7]);
  tell(() => {
    throw 'thrown';
  });
  expect(errors).toEqual(['thrown']);
  tell(async () => {
    throw 'rejected';
  });
  await new Promise(setImmediate);
  expect(errors).toEqual(['thrown', 'rejected']);
});
