import { expect, test } from 'vitest';
import { deferred, SteppedClock, settled } from '../../src/testing/simulated-clock.ts';

test('a stepped clock stops at each deadline, so that a delay after a delay is on time', async () => {
  for (const advance of ['advance', 'advanceSettling'] as const) {
    const clock = new SteppedClock();
    const times: number[] = [];
    const again = () => {
      times.push(clock.now());
      if (times.length < 3) clock.setTimeout(again, 100);
    };
    clock.setTimeout(again, 100);
    await clock[advance](250);
    expect(times).toEqual([100, 200]);
    expect([clock.now(), clock.pending]).toEqual([250, 1]);
    await clock[advance](50);
    expect(times).toEqual([100, 200, 300]);
    expect(clock.pending).toBe(0);
  }
});

test('a delay that was cleared is no deadline', () => {
  const clock = new SteppedClock();
  const times: number[] = [];
  clock.clearTimeout(clock.setTimeout(() => times.push(1), 10));
  clock.setTimeout(() => times.push(2), 10);
  expect(clock.pending).toBe(1);
  clock.advance(10);
  expect(times).toEqual([2]);
});

test('promises settle before the first deadline, at each one, and at the end', async () => {
  const clock = new SteppedClock();
  const order: string[] = [];
  void Promise.resolve().then(() => clock.setTimeout(() => order.push('early'), 5));
  clock.setTimeout(() => {
    order.push('first');
    void Promise.resolve().then(() => order.push('settled'));
  }, 10);
  clock.setTimeout(() => order.push('second'), 20);
  await clock.advanceSettling(20);
  expect(order).toEqual(['early', 'first', 'settled', 'second']);
});

test('a deferred promise is settled from outside', async () => {
  const [good, bad] = [deferred<number>(), deferred<number>()];
  good.resolve(1);
  bad.reject(new Error('no'));
  expect(await good.promise).toBe(1);
  await expect(bad.promise).rejects.toThrow('no');
  let isSettled = false;
  void Promise.resolve()
    .then(() => {})
    .then(() => {
      isSettled = true;
    });
  await settled();
  expect(isSettled).toBe(true);
});
