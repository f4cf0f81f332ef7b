import { afterEach, expect, test } from 'vitest';
import { HeldClock } from '../../src/watch/held-clock.ts';

const timers: NodeJS.Timeout[] = [];
afterEach(() => {
  for (const timer of timers.splice(0)) clearTimeout(timer);
});

test('the timers of a watch keep the process alive only while the watch is running', () => {
  const clock = new HeldClock();
  const timer = () => {
    const set = clock.setTimeout(() => {}, 60_000);
    timers.push(set);
    return set;
  };
  const before = timer();
  expect(before.hasRef()).toBe(false);
  clock.hold();
  const during = timer();
  expect([before.hasRef(), during.hasRef()]).toEqual([true, true]);
  clock.clearTimeout(during);
  clock.release();
  expect([before.hasRef(), timer().hasRef()]).toEqual([false, false]);
});
