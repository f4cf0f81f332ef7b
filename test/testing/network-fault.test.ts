import { afterEach, expect, test, vi } from 'vitest';
import { TestingError } from '../../src/testing/errors.ts';
import { isNetworkFault, NETWORK_LIMIT_MS, network } from '../../src/testing/network-fault.ts';

afterEach(() => vi.useRealTimers());

/** What the operation throws. */
async function thrownBy(work: Promise<unknown>): Promise<Error> {
  return await network('join of the user', work).then(
    () => expect.fail('it did not fail'),
    (error: Error) => error,
  );
}

test('an operation of rtc-node gives its result, and its failure is a network fault with its cause', async () => {
  expect(await network('join', Promise.resolve(7))).toBe(7);
  const cause = new Error('signal failure');
  const thrown = await thrownBy(Promise.reject(cause));
  expect(isNetworkFault(thrown)).toBe(true);
  expect(thrown.message).toMatch(/^join of the user: .*signal failure.*: play the story again$/);
  expect(thrown.cause).toBe(cause);
});

test('an operation of rtc-node that does not end is a network fault after the limit', async () => {
  vi.useFakeTimers();
  const thrown = thrownBy(new Promise(() => {}));
  await vi.advanceTimersByTimeAsync(NETWORK_LIMIT_MS);
  expect(isNetworkFault(await thrown)).toBe(true);
});

test('another error is none of the network', () => {
  expect(isNetworkFault(new Error('server'))).toBe(false);
  expect(isNetworkFault(new TestingError('service', 'it is closed', 'open it'))).toBe(false);
});
