import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PlayoutTimeline } from '../../../src/avatar/worker/playout-timeline.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

/** A timeline on which each entry writes its name when it happens. */
function timelineOf() {
  const timeline = new PlayoutTimeline();
  const happened: string[] = [];
  const start = performance.now();
  const add = (atMs: number, name: string) => timeline.add(start + atMs, () => happened.push(name));
  return { timeline, happened, add, start };
}

test('entries happen in their order and at their time, with one timer', () => {
  const { happened, add } = timelineOf();
  add(0, 'now');
  add(100, 'start');
  add(100, 'middle');
  add(300, 'end');
  expect(happened).toEqual(['now']);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(100);
  expect(happened).toEqual(['now', 'start', 'middle']);
  vi.advanceTimersByTime(199);
  expect(happened).toHaveLength(3);
  vi.advanceTimersByTime(1);
  expect(happened.at(-1)).toBe('end');
  expect(vi.getTimerCount()).toBe(0);
});

test('entries that were cleared do not happen with later ones', () => {
  const { timeline, happened, add } = timelineOf();
  add(100, 'dropped');
  timeline.clear();
  expect(vi.getTimerCount()).toBe(0);
  add(200, 'kept');
  vi.advanceTimersByTime(1000);
  expect(happened).toEqual(['kept']);
});

test('an entry that adds another one happens once, before that one', () => {
  const { timeline, happened, add, start } = timelineOf();
  timeline.add(start + 10, () => {
    happened.push('first');
    if (happened.length === 1) add(10, 'second');
  });
  vi.advanceTimersByTime(9);
  expect(happened).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(happened).toEqual(['first', 'second']);
});
