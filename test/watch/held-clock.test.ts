import { afterEach, expect, test, vi } from 'vitest';
import { HeldClock } from '../../src/watch/held-clock.ts';

const timers: NodeJS.Timeout[] = [];
afterEach(() => {
  vi.useRealTimers();
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

test('a timer of a watch does its work once, at its time, unless it was cleared', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const clock = new HeldClock();
  const [kept, cleared] = [vi.fn(), vi.fn()];
  clock.setTimeout(kept, 500);
  clock.clearTimeout(clock.setTimeout(cleared, 500));
  vi.advanceTimersByTime(499);
  expect(kept).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5000);
  expect([kept, cleared].map((work) => work.mock.calls.length)).toEqual([1, 0]);
});

test('a timer that is over, or was cleared, does not keep the process alive later', () => {
  const clock = new HeldClock();
  const referred: unknown[] = [];
  const over = clock.setTimeout(() => {}, 60_000);
  timers.push(over);
  over.ref = () => {
    referred.push(over);
    return over;
  };
  clock.clearTimeout(over);
  clock.hold();
  expect(referred).toEqual([]);
});
