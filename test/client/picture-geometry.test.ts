import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combined, overlap, pictureIn, transformed } from '../../src/client/picture-geometry.ts';

const side = fc.integer({ min: 1, max: 4000 });
const size = fc.record({ width: side, height: side });
const percent = fc.integer({ min: 0, max: 100 });

test('a contained picture is inside its box, and one that covers has no gap', () => {
  fc.assert(
    fc.property(size, size, percent, percent, (box, picture, across, down) => {
      const position = `${across}% ${down}%`;
      const contained = pictureIn(box, picture, { fit: 'contain', position });
      const covering = pictureIn(box, picture, { fit: 'cover', position });
      const whole = { x: 0, y: 0, ...box };
      const closeTo = (value: number) => expect.closeTo(value, 6);
      expect(overlap(contained, whole)).toEqual({
        x: closeTo(contained.x),
        y: closeTo(contained.y),
        width: closeTo(contained.width),
        height: closeTo(contained.height),
      });
      expect(overlap(covering, whole)).toEqual({
        ...{ x: closeTo(0), y: closeTo(0) },
        ...{ width: closeTo(box.width), height: closeTo(box.height) },
      });
      for (const { width, height } of [contained, covering])
        expect(width / height / (picture.width / picture.height)).toBeCloseTo(1, 6);
    }),
  );
});

test('lengths and percentages place a picture, and fill stretches it', () => {
  const [box, picture] = [
    { width: 400, height: 200 },
    { width: 100, height: 100 },
  ];
  expect(pictureIn(box, picture, { fit: 'none', position: '30px 100%' })).toEqual({
    ...{ x: 30, y: 100, width: 100, height: 100 },
  });
  expect(pictureIn(box, picture, { fit: 'scale-down', position: '50% 50%' })).toEqual({
    ...{ x: 150, y: 50, width: 100, height: 100 },
  });
  expect(pictureIn(box, picture, { fit: 'fill', position: '0% 0%' })).toEqual({
    ...{ x: 0, y: 0, width: 400, height: 200 },
  });
});

test('a picture that is too large is scaled down, and what a browser does not name is centred', () => {
  const [box, large] = [
    { width: 400, height: 200 },
    { width: 800, height: 800 },
  ];
  const down = { x: 100, y: 0, width: 200, height: 200 };
  for (const fit of ['contain', 'scale-down', 'unknown'])
    for (const position of ['50% 50%', '50%', '', 'center center'])
      expect(pictureIn(box, large, { fit, position })).toEqual(down);
  expect(pictureIn(box, large, { fit: 'none', position: '10px' })).toEqual({
    ...{ x: 10, y: -300, width: 800, height: 800 },
  });
});

test('a transform inside another one is the product of both', () => {
  const turn = { a: 0, b: 1, c: -1, d: 0 };
  const stretch = { a: 2, b: 0, c: 0, d: 3 };
  expect(combined(turn, stretch)).toEqual({ a: 0, b: 2, c: -3, d: 0 });
  expect(combined(turn, turn)).toMatchObject({ a: -1, d: -1 });
  expect(combined(stretch, turn)).toEqual({ a: 0, b: 3, c: -2, d: 0 });
});

test('a part of a mirrored or turned element is on the other side of its centre', () => {
  const part = { x: 10, y: 5, width: 20, height: 10 };
  const centre = { x: 100, y: 50 };
  expect(transformed(part, { a: -1, b: 0, c: 0, d: 1 }, centre)).toEqual({
    ...{ x: 70, y: 55, width: 20, height: 10 },
  });
  expect(transformed(part, { a: 0, b: 1, c: -1, d: 0 }, centre)).toEqual({
    ...{ x: 85, y: 60, width: 10, height: 20 },
  });
});
