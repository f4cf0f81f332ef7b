import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Arrivals } from '../../../src/testing/fakes/waiting.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

test('a wait that is over leaves no timer, whether its value arrived or the service ended', async () => {
  const arrivals = new Arrivals<number>();
  const second = arrivals.next('a 2', (value) => value === 2);
  const never = arrivals.next('a 3', (value) => value === 3);
  arrivals.arrived(1);
  expect(vi.getTimerCount()).toBe(2);
  arrivals.arrived(2);
  expect(vi.getTimerCount()).toBe(1);
  expect(await second).toBe(2);
  arrivals.end('the service was closed');
  const late = arrivals.next('anything');
  expect(vi.getTimerCount()).toBe(0);
  await expect(never).rejects.toMatchObject({ code: 'testing-service' });
  await expect(late).rejects.toMatchObject({ code: 'testing-service' });
});

test('a wait that lasts too long names what it waited for', async () => {
  const arrivals = new Arrivals<number>();
  const late = arrivals.next('a 2', () => true, 50);
  vi.advanceTimersByTime(50);
  await expect(late).rejects.toThrow('timed out after 50 ms waiting for a 2');
});
