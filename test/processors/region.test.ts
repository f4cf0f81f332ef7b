import { expect, test } from 'vitest';
import { checkedRegion, coveredPixels, isBeyond } from '../../src/processors/region.ts';

const SIZE = { width: 10, height: 20 };

test.each([
  ['whole pixels as they are', [0.1, 0.1, 0.5, 0.5], [1, 2, 5, 10]],
  ['each pixel that it touches', [0.11, 0.11, 0.18, 0.13], [1, 2, 2, 3]],
  ['the whole picture', [0, 0, 1, 1], [0, 0, 10, 20]],
  ['what is inside of the picture', [-0.5, -0.5, 0.7, 2], [0, 0, 2, 20]],
  ['one pixel at least', [0.99, 0.99, 0.001, 0.001], [9, 19, 1, 1]],
])('a region covers %s', (_, [x = 0, y = 0, width = 0, height = 0], covered) => {
  const [left, top, across, down] = covered;
  expect(coveredPixels('region', { x, y, width, height }, SIZE)).toEqual({
    ...{ left, top, width: across, height: down },
  });
});

test.each([
  [{ x: 1, y: 0, width: 1, height: 1 }],
  [{ x: -1, y: 0, width: 1, height: 1 }],
  [{ x: 0, y: 1, width: 1, height: 1 }],
  [{ x: 0, y: -1, width: 1, height: 1 }],
  [{ x: 0.5, y: 0.5, width: 0, height: 0.1 }],
])('a region that is outside of the picture or empty covers nothing: %j', (region) => {
  expect(coveredPixels('region', region, SIZE)).toBeUndefined();
});

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };

test.each([
  { ...WHOLE, x: -0.01 },
  { ...WHOLE, y: -0.01 },
  { ...WHOLE, width: 0 },
  { ...WHOLE, height: 0 },
  { ...WHOLE, width: 1.01 },
  { ...WHOLE, height: 1.01 },
  { ...WHOLE, x: 0.01 },
  { ...WHOLE, y: 0.01 },
])('a region that is empty or reaches beyond the picture is refused: %j', (region) => {
  expect(() => checkedRegion('seats[2]', region)).toThrow(
    expect.objectContaining({ option: 'seats[2]', message: expect.stringContaining('beyond') }),
  );
});

test.each(['x', 'y', 'width', 'height'])('a region without a number for %s is refused', (side) => {
  for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, '0.5']) {
    const region = { ...WHOLE, [side]: value };
    expect(() => checkedRegion('region', region)).toThrow('use { x, y, width, height }');
    expect(() => coveredPixels('region', region, SIZE)).toThrow('use { x, y, width, height }');
  }
});

test('a sum of shares may be rounded up', () => {
  const region = { x: 0.7, y: 0.9, width: 0.3, height: 0.1 };
  expect(checkedRegion('region', region)).toBe(region);
  expect([isBeyond(0.7 + 0.1 + 0.2), isBeyond(1.0001), isBeyond(1.001)]).toEqual([
    ...[false, false, true],
  ]);
});
