import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { doneWithin, within } from '../src/time-limit.ts';

const late = () => new Error('too late');
const never = new Promise<string>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('work with a limit', () => {
  test('gives its result, or its error', async () => {
    await expect(within(100, Promise.resolve('done'), late)).resolves.toBe('done');
    await expect(within(100, Promise.reject(new Error('broken')), late)).rejects.toThrow('broken');
  });

  test('that takes longer fails with what the caller says', async () => {
    const result = expect(within(100, never, late)).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(100);
    await result;
  });

  test('that fails after its limit is no unhandled rejection', async () => {
    let fail = (_: Error) => {};
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const result = expect(within(100, work, late)).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(100);
    await result;
    fail(new Error('broken'));
    await vi.advanceTimersByTimeAsync(0);
  });

  test('is given up with the reason of a signal', async () => {
    const control = new AbortController();
    const result = expect(within(100, never, late, control.signal)).rejects.toThrow('closed');
    control.abort(new Error('closed'));
    await result;
    await expect(within(100, never, late, control.signal)).rejects.toThrow('closed');
  });
});

describe('work that is waited for until a limit', () => {
  test('is waited for no longer', async () => {
    const waiting = doneWithin(100, never);
    await vi.advanceTimersByTimeAsync(100);
    await waiting;
    await doneWithin(100, undefined);
    await expect(doneWithin(100, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
