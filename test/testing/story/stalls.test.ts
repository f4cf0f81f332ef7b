import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Stalls } from '../../../src/testing/story/stalls.ts';

let stalls: Stalls;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: 0 });
  stalls = new Stalls();
});
afterEach(() => {
  stalls.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** The process does nothing for this time, in ms, and then all is well again. */
function stall(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
  vi.advanceTimersByTime(5);
}

test('the stalls of a time are those that overlap it, with their whole lengths', () => {
  vi.advanceTimersByTime(100);
  stall(50);
  vi.advanceTimersByTime(100);
  stall(30);
  const [first, second] = [155, 290];
  expect(stalls.between(0, 1000)).toBe(80);
  expect(stalls.between(first, second - 31)).toBe(50);
  expect(stalls.between(first + 1, second - 30)).toBe(30);
  expect(stalls.between(first + 1, second - 31)).toBe(0);
});

test('a timer that is late by up to 5 ms is no stall', () => {
  stall(5);
  expect(stalls.between(0, 1000)).toBe(0);
  stall(6);
  expect(stalls.between(0, 1000)).toBe(6);
});

test('a limit is over after its time and twice the stalls since its beginning', () => {
  stall(50);
  const from = Date.now() + 5;
  vi.advanceTimersByTime(5);
  stall(20);
  vi.advanceTimersByTime(100 + 2 * 20 - (Date.now() - from));
  expect(stalls.isOver(100, from)).toBe(false);
  vi.advanceTimersByTime(5);
  expect(stalls.isOver(100, from)).toBe(true);
});

test('a limit is over after fifteen times its length, however busy the machine is', () => {
  const from = Date.now();
  while (Date.now() - from <= 1450) stall(45);
  expect(stalls.isOver(100, from)).toBe(false);
  while (Date.now() - from <= 1500) stall(45);
  expect(stalls.isOver(100, from)).toBe(true);
});
