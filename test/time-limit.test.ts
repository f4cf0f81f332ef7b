import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { doneWithin, limitSignal, within } from '../src/time-limit.ts';

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
  test('work with a limit passes on its result or its error', async () => {
    await expect(within(100, Promise.resolve('done'), late)).resolves.toBe('done');
    await expect(within(100, Promise.reject(new Error('broken')), late)).rejects.toThrow('broken');
  });

  test("work that takes longer than its limit fails with the caller's error", async () => {
    const result = expect(within(100, never, late)).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(100);
    await result;
  });

  test('work that fails after its limit causes no unhandled rejection', async () => {
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

  test('work with a limit ends with the reason of its abort signal', async () => {
    const control = new AbortController();
    const result = expect(within(100, never, late, control.signal)).rejects.toThrow('closed');
    control.abort(new Error('closed'));
    await result;
    await expect(within(100, never, late, control.signal)).rejects.toThrow('closed');
  });

  test('work that ends within its limit leaves no listener at its abort signal', async () => {
    const { signal } = new AbortController();
    await within(100, Promise.resolve('done'), late, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a bounded wait', () => {
  test('a bounded wait ends at its limit', async () => {
    const waiting = doneWithin(100, never);
    await vi.advanceTimersByTimeAsync(100);
    await waiting;
    await doneWithin(100, undefined);
    await expect(doneWithin(100, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});

describe('a signal with a limit', () => {
  test('a signal with a limit aborts at it, and leaves no timer', () => {
    const { signal } = limitSignal(100);
    vi.advanceTimersByTime(99);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.aborted).toBe(true);
  });

  test('a signal with a limit that is cleared does not abort', () => {
    const { signal, clear } = limitSignal(100);
    clear();
    clear();
    vi.advanceTimersByTime(1000);
    expect(signal.aborted).toBe(false);
  });
});
