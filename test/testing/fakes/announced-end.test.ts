import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AnnouncedEnd } from '../../../src/testing/fakes/announced-end.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a new plan replaces the end that was planned before, and its announcement', () => {
  const end = new AnnouncedEnd();
  const told: string[] = [];
  const plan = (name: string, leftMs: number) =>
    end.plan(
      ...([leftMs, 40] as const),
      () => told.push(`${name} announced`),
      () => told.push(`${name} over`),
    );
  plan('first', 100);
  plan('second', 200);
  vi.advanceTimersByTime(159);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['second announced']);
  vi.advanceTimersByTime(40);
  expect(told).toEqual(['second announced', 'second over']);
  // Without time for a notice, it is announced at once.
  plan('third', 10);
  vi.advanceTimersByTime(0);
  expect(told.at(-1)).toBe('third announced');
  end.cancel();
  expect(vi.getTimerCount()).toBe(0);
});
