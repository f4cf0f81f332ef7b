import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestingError } from '../../src/testing/errors.ts';
import { Random } from '../../src/testing/random.ts';
import { until, untilEvent, within } from '../../src/testing/waits.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('a wait within a limit has the value, or an error that names what is missing', async () => {
  expect(await within('answer', Promise.resolve(1))).toBe(1);
  const never = within('answer', new Promise(() => {}), 2000);
  const failed = expect(never).rejects.toThrow(
    'no answer within 2 s: check that the test causes it, or set a longer limit',
  );
  await vi.advanceTimersByTimeAsync(2000);
  await failed;
  await expect(never).rejects.toMatchObject({ code: 'testing-timeout' });
  const long = within('answer', new Promise(() => {}));
  long.catch(() => {});
  await vi.advanceTimersByTimeAsync(59_999);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  await expect(long).rejects.toThrow('within 60 s');
  expect(vi.getTimerCount()).toBe(0);
});

test('polling ends as soon as the check holds, or with an error after the limit', async () => {
  let isTrue = false;
  const wait = until('ready', async () => isTrue);
  await vi.advanceTimersByTimeAsync(49);
  isTrue = true;
  await vi.advanceTimersByTimeAsync(1);
  await wait;
  const late = until('ready', () => false, 100);
  const failed = expect(late).rejects.toThrow('not ready within 0.1 s');
  await vi.advanceTimersByTimeAsync(200);
  await failed;
  expect(vi.getTimerCount()).toBe(0);
});

test('a wait for events checks at once and at each of them, and leaves no listener', async () => {
  const emitter = new EventEmitter<Record<string, never[]>>();
  let value = 1;
  await untilEvent('1', emitter, ['a'], () => value === 1);
  const wait = untilEvent('3', emitter, ['a', 'b'], () => value === 3);
  expect([emitter.listenerCount('a'), emitter.listenerCount('b')]).toEqual([1, 1]);
  value = 2;
  emitter.emit('a');
  value = 3;
  emitter.emit('b');
  await wait;
  const late = untilEvent('4', emitter, ['a'], () => value === 4, 1000);
  const failed = expect(late).rejects.toThrow('no 4 within 1 s');
  await vi.advanceTimersByTimeAsync(1000);
  await failed;
  expect(emitter.eventNames()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('an error of the kit has its fault as its code, and its remedy in the message', () => {
  const cause = new Error('x');
  const error = new TestingError('camera' as never, 'no picture', 'show one', { cause });
  expect(error).toMatchObject({
    ...{ code: 'testing-camera', fault: 'camera', remedy: 'show one', cause },
    ...{ message: 'no picture: show one', name: 'TestingError' },
  });
});

test('random numbers are those of their seed, and pick each item equally often', () => {
  const numbers = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 3 }, () => random.next());
  };
  expect(numbers(1)).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  expect(numbers(2)).not.toEqual(numbers(1));
  const random = new Random(7);
  const counts = { a: 0, b: 0, c: 0 };
  for (let turn = 0; turn < 3000; turn++) counts[random.pick(['a', 'b', 'c'])] += 1;
  for (const count of Object.values(counts)) expect(Math.abs(count - 1000)).toBeLessThan(100);
});
