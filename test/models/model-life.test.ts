import { getEventListeners } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { type LifeReport, ModelLife } from '../../src/models/model-life.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const LOST = { reason: 'lost', wasAnswering: false, isFinal: false };

test('the end of each wait for a connection removes its listener from the signal of the caller', async () => {
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  const { signal } = new AbortController();
  life.failed(LOST);
  const waits = [life.up(signal), life.up(signal), life.nextDrop(life.drops, signal)];
  expect(getEventListeners(signal, 'abort')).toHaveLength(3);
  life.opened();
  life.failed(LOST);
  expect(await Promise.all(waits)).toEqual([true, true, true]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a wait that is over is not looked at again', async () => {
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  const { signal } = new AbortController();
  const looks = vi.fn(() => false);
  Object.defineProperty(signal, 'aborted', { get: looks });
  expect(await life.up(signal)).toBe(true);
  looks.mockClear();
  life.opened();
  expect(looks).not.toHaveBeenCalled();
});

test('a caller that aborts ends its own wait for a connection only', async () => {
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  const [impatient, patient] = [new AbortController(), new AbortController()];
  life.failed(LOST);
  const [short, long] = [life.up(impatient.signal), life.up(patient.signal)];
  impatient.abort();
  expect(await short).toBe(false);
  life.opened();
  expect(await long).toBe(true);
});

test('a pause that is over leaves no listener for the end of the session', async () => {
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  const listening = vi.spyOn(EventTarget.prototype, 'addEventListener');
  const paused = life.pause(1);
  const [ends] = listening.mock.contexts;
  if (!(ends instanceof AbortSignal)) throw new Error('the pause does not hear the end');
  expect(getEventListeners(ends, 'abort')).toHaveLength(1);
  await paused;
  expect(getEventListeners(ends, 'abort')).toEqual([]);
});

test('the end of a session ends the pause before the next attempt', async () => {
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  const paused = life.pause(2 ** 30);
  life.end();
  await paused;
  expect(await life.up()).toBe(false);
});

/** A life at a time that the test sets, and its reports. */
function stage({ attempts = 3, retryBaseMs = 100 } = {}) {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  const reports: LifeReport[] = [];
  const life = new ModelLife({ attempts, retryBaseMs }, (report) => reports.push(report));
  return { life, reports };
}

test('a lost connection is restored at once, and failed attempts wait twice as long each time', () => {
  const { life } = stage({ attempts: 9 });
  life.opened();
  expect(life.failed(LOST)).toBe(0);
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => life.failed(LOST))).toEqual([
    ...[200, 400, 800, 1600, 3200, 6400, 8000, 8000],
  ]);
  expect(life.hasGivenUp).toBe(false);
  expect(life.failed(LOST)).toBeUndefined();
  expect(life.hasGivenUp).toBe(true);
});

test('a connection that fails before the first one waits, and each outage is reported once', () => {
  const { life, reports } = stage();
  expect([life.wasUp, life.isDown]).toEqual([false, false]);
  expect(life.failed({ ...LOST, wasAnswering: true })).toBe(100);
  expect([life.wasUp, life.isDown]).toEqual([false, true]);
  vi.advanceTimersByTime(70);
  expect(life.failed(LOST)).toBe(200);
  life.opened();
  expect([life.wasUp, life.isDown]).toEqual([true, false]);
  expect(reports).toEqual([
    { type: 'model.dropped', reason: 'lost', wasAnswering: true, isRetried: true },
    { type: 'model.resumed', tookMs: 70, attempts: 2 },
  ]);
  expect(life.drops).toBe(1);
  life.opened();
  expect(reports).toHaveLength(2);
});

test.each<[string, (life: ModelLife) => unknown, number]>([
  ['answered', (life) => life.worked(), 0],
  ['lasted ten seconds', () => vi.advanceTimersByTime(10_000), 0],
  ['lasted less', () => vi.advanceTimersByTime(9999), 200],
])('a connection that %s decides whether earlier failures count', (_, happens, pauseMs) => {
  const { life } = stage();
  life.failed(LOST);
  life.failed(LOST);
  life.opened();
  happens(life);
  expect(life.failed(LOST)).toBe(pauseMs);
});

test('an answer of an earlier connection does not excuse the next one', () => {
  const { life } = stage();
  life.opened();
  life.worked();
  expect(life.failed(LOST)).toBe(0);
  life.opened();
  expect(life.failed(LOST)).toBe(100);
});

test('attempts that fail after a connection that answered are counted, and end', () => {
  const { life } = stage();
  life.opened();
  life.worked();
  expect([1, 2, 3, 4].map(() => life.failed(LOST))).toEqual([0, 200, 400, undefined]);
});

test('an answer that came between two connections does not excuse the next one', () => {
  const { life } = stage();
  life.failed(LOST);
  life.worked();
  life.opened();
  expect(life.failed(LOST)).toBe(100);
});

test('an end that another attempt would repeat is final, and so is any without attempts', () => {
  const refused = stage();
  expect(refused.life.failed({ ...LOST, isFinal: true })).toBeUndefined();
  expect(refused.reports).toMatchObject([{ type: 'model.dropped', isRetried: false }]);
  expect([refused.life.hasGivenUp, refused.life.isRetrying]).toEqual([true, true]);
  const plain = stage({ attempts: 0 });
  expect(plain.life.isRetrying).toBe(false);
  plain.life.opened();
  expect(plain.life.failed(LOST)).toBeUndefined();
  expect(plain.life.hasGivenUp).toBe(true);
  // The plugin itself may connect again.
  plain.life.opened();
  expect(plain.life.hasGivenUp).toBe(false);
});

test('a caller that waits for a connection hears that there will be none', async () => {
  const { life } = stage({ attempts: 1 });
  life.failed(LOST);
  const up = life.up();
  life.failed(LOST);
  expect(await up).toBe(false);
  expect(await stage().life.up()).toBe(true);
});

test('the next drop is one after those that were counted', async () => {
  const { life } = stage();
  const { signal } = new AbortController();
  life.opened();
  life.failed(LOST);
  expect(await life.nextDrop(0, signal)).toBe(true);
  const next = life.nextDrop(1, signal);
  life.opened();
  life.failed(LOST);
  expect(await next).toBe(true);
  expect(await life.nextDrop(2, AbortSignal.abort())).toBe(false);
});

test('after the end, nothing is reported, and each wait is over', async () => {
  const { life, reports } = stage();
  const { signal } = new AbortController();
  const ended = life.ended();
  const drop = life.nextDrop(0, signal);
  const pause = life.pause(1000);
  expect(life.isOver).toBe(false);
  life.end();
  expect(await Promise.all([ended, drop, pause])).toEqual([true, false, undefined]);
  expect(life.isOver).toBe(true);
  life.opened();
  expect(life.failed(LOST)).toBeUndefined();
  await life.pause(1000);
  expect([reports, life.drops, life.wasUp]).toEqual([[], 0, false]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a pause lasts its time', async () => {
  const { life } = stage();
  let isOver = false;
  const pause = life.pause(100).then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(99);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await pause;
});
