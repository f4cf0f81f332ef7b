import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActor } from 'xstate';
import type { NextTime } from '../../src/watch/schedule.ts';
import { triggers } from '../../src/watch/triggers.ts';

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs a schedule like a watch does. */
function kept(schedule: NextTime) {
  const failures: string[] = [];
  const actor = createActor(
    triggers({
      video: { look: () => Promise.reject(new Error('nothing is looked at here')) },
      onSceneChange: undefined,
      schedule,
      onScheduleFailed: (error) => failures.push(error),
      onVisibility: () => {},
    }),
  ).start();
  return { failures, stop: () => actor.stop() };
}

test('a schedule that throws is called again a minute later, and then followed', () => {
  let asked = 0;
  const { failures, stop } = kept((after) => {
    if (++asked === 1) throw new Error('no calendar');
    return new Date(after.getTime() + MINUTE_MS);
  });
  expect(failures).toEqual(['Error: no calendar']);
  vi.advanceTimersByTime(MINUTE_MS);
  expect(asked).toBe(2);
  vi.advanceTimersByTime(MINUTE_MS);
  expect(asked).toBe(3);
  expect(failures).toHaveLength(1);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test.each<[string, NextTime, RegExp]>([
  ['lies in the past', () => new Date(0), /1970-01-01T00:00:00.000Z, which is not after/],
  ['does not go on', (after) => after, /which is not after/],
  ['is no time', () => new Date(Number.NaN), /did not return a Date/],
  ['is a promise', (async () => new Date()) as never, /did not return a Date/],
])(
  'a schedule whose next time %s fails once a minute, without a busy loop',
  (_, schedule, message) => {
    const asked = vi.fn(schedule);
    const { failures, stop } = kept(asked);
    vi.advanceTimersByTime(3 * MINUTE_MS);
    expect(asked).toHaveBeenCalledTimes(4);
    expect(failures).toHaveLength(4);
    expect(failures[0]).toMatch(message);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  },
);

test('a schedule whose next time is months away waits for it, longer than a timer can', () => {
  const from = Date.now();
  const at = new Date(from + 100 * 24 * 60 * MINUTE_MS);
  const askedAt: number[] = [];
  const { failures, stop } = kept((after) => {
    askedAt.push(Date.now());
    return after < at ? at : null;
  });
  // A longer delay would end at once.
  vi.advanceTimersToNextTimer();
  expect(Date.now() - from).toBe(2 ** 31 - 1);
  vi.advanceTimersByTime(75 * 24 * 60 * MINUTE_MS);
  expect(askedAt).toEqual([from]);
  vi.advanceTimersByTime(24 * 60 * MINUTE_MS);
  expect(askedAt).toEqual([from, at.getTime()]);
  expect(failures).toEqual([]);
  stop();
});

test('a time that a timer reaches a little early is due once', () => {
  const at = new Date(Date.now() + MINUTE_MS);
  const asked = vi.fn((after: Date) => (after < at ? at : null));
  const { stop } = kept(asked);
  vi.setSystemTime(Date.now() - 5);
  vi.advanceTimersByTime(MINUTE_MS);
  expect(Date.now()).toBeLessThan(at.getTime());
  expect(asked.mock.calls.slice(1)).toEqual([[at]]);
  stop();
});

test('a schedule without a next time ends', () => {
  const asked = vi.fn(() => null);
  const { failures, stop } = kept(asked);
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(failures).toEqual([]);
  stop();
});
