import { expect, test } from 'vitest';
import { MetricsCollector } from '../../src/session/metrics.ts';

/** As many as a spread keeps. */
const KEPT = 512;
const NO_BUDGET = { fps: 0, bytes: 0, tokens: 0 } as never;

/** The spread of these times. */
function spreadOf(values: readonly number[]) {
  const metrics = new MetricsCollector();
  for (const value of values) metrics.encodeMs.add(value);
  return metrics.snapshot(NO_BUDGET).encodeMs;
}

test('the spread of times has their median and the 95th percentile, as numbers', () => {
  expect(spreadOf([])).toEqual({ count: 0, p50: null, p95: null });
  expect(spreadOf([7])).toEqual({ count: 1, p50: 7, p95: 7 });
  expect(spreadOf([100, 9, 20])).toEqual({ count: 3, p50: 20, p95: 100 });
  const hundred = Array.from({ length: 100 }, (_, index) => index);
  expect(spreadOf(hundred)).toEqual({ count: 100, p50: 50, p95: 95 });
});

test('a spread forgets old values, and counts them', () => {
  const old = Array.from({ length: 100 }, () => 9000);
  const newer = Array.from({ length: KEPT }, () => 5);
  expect(spreadOf([...old, ...newer])).toEqual({ count: KEPT + 100, p50: 5, p95: 5 });
});

test('only the first error of a cause is the first, and a snapshot does not change later', () => {
  const metrics = new MetricsCollector();
  expect([metrics.error('encode'), metrics.error('encode')]).toEqual([true, false]);
  expect(metrics.error('turn')).toBe(true);
  const before = metrics.snapshot(NO_BUDGET);
  metrics.error('turn');
  metrics.sent(100, 258);
  metrics.sent(50, undefined);
  for (const counts of [metrics.turns, metrics.looks, metrics.avatar, metrics.model])
    for (const name of Object.keys(counts)) Object.assign(counts, { [name]: 1 });
  const zeros = (counts: object) => Object.values(counts).filter((count) => count === 0).length;
  expect([before.turns, before.looks, before.avatar].map(zeros)).toEqual([8, 2, 4]);
  expect(before.model).toMatchObject({ dropped: 0, resumed: 0 });
  expect(before).toMatchObject({ errors: { encode: 2, turn: 1 }, bytesSent: 0 });
  expect(before.tokens).toEqual({ estimated: 0, unknownPictures: 0 });
  expect(metrics.snapshot(NO_BUDGET)).toMatchObject({
    errors: { encode: 2, turn: 2 },
    ...{ bytesSent: 150, tokens: { estimated: 258, unknownPictures: 1 } },
  });
});
