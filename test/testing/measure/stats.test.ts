import { expect, test } from 'vitest';
import { mean, median, quantile, rounded } from '../../../src/testing/measure/stats.ts';
import { trendOf } from '../../../src/testing/measure/trend.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([10, 2, 1])).toBe(2);
  expect(median([10, 2, 1, 4])).toBe(3);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test('a quantile is the smallest value that its share does not exceed, in any order', () => {
  const values = Array.from({ length: 101 }, (_, at) => 100 - at);
  expect([0, 0.5, 0.95, 1].map((share) => quantile(values, share))).toEqual([0, 50, 95, 100]);
  expect(quantile([1, 10], 0.1)).toBe(10);
  expect(quantile([1, 10], 0.1, Math.floor)).toBe(1);
  expect(quantile([], 0.5)).toBeNaN();
  expect(values[0]).toBe(100);
});

test('figures are rounded to three digits, and a mean counts each value', () => {
  expect([rounded(1.23456), rounded(1.23456, 1), rounded(2)]).toEqual([1.235, 1.2, 2]);
  expect(mean([1, 2, 6])).toBe(3);
});

test('a trend is the straight line that fits best, wherever it begins', () => {
  const line = [3, 1, 2].map((minutes) => ({ minutes, value: 10 + 4 * minutes }));
  expect(trendOf(line)).toEqual({ slope: 4, rise: 8 });
  const around = [0, 1, 2, 3].map((minutes) => ({ minutes, value: minutes % 2 === 0 ? 1 : 5 }));
  expect(trendOf(around).slope).toBeCloseTo(0.8);
  expect(trendOf(around).rise).toBeCloseTo(2.4);
  for (const few of [[], [{ minutes: 1, value: 5 }]])
    expect(trendOf(few)).toEqual({ slope: 0, rise: 0 });
});
