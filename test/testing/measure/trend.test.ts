import { expect, test } from 'vitest';
import { trendOf } from '../../../src/testing/measure/trend.ts';

const points = (...values: number[]) => values.map((value, at) => ({ minutes: 2 * at, value }));

test('a straight line has its slope per minute, and its rise over the whole time', () => {
  expect(trendOf(points(10, 13, 16, 19))).toEqual({ slope: 1.5, rise: 9 });
  expect(trendOf(points(10, 13, 16, 19).reverse())).toEqual({ slope: 1.5, rise: 9 });
  expect(trendOf(points(5, 4)).slope).toBe(-0.5);
});

test('one point off the line moves the trend less than the ends do', () => {
  expect(trendOf(points(0, 0, 12, 0, 0)).slope).toBeCloseTo(0);
  // By hand: the sum of products 24 over the sum of squares 40.
  expect(trendOf(points(0, 0, 0, 0, 6))).toEqual({
    slope: expect.closeTo(0.6),
    rise: expect.closeTo(4.8),
  });
});

test('fewer than two points in time have no trend', () => {
  const one = { minutes: 1, value: 7 };
  for (const few of [[], [one], [one, { minutes: 1, value: 9 }]])
    expect(trendOf(few)).toEqual({ slope: 0, rise: 0 });
});
