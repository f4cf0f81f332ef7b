import { expect, test } from 'vitest';
import { isOtherScene, patchAround } from '../../src/client/scene-patch.ts';

/** Grey levels of 16x16 cells. */
const patch = (level: (column: number, row: number) => number) =>
  Float32Array.from({ length: 256 }, (_, i) => level(i % 16, Math.floor(i / 16)));

/** A button with dark letters. */
const button = (column: number, row: number) =>
  row < 4 || row > 11 ? 240 : column % 3 === 0 ? 60 : 200;

test.each([
  ['noise', patch((column, row) => button(column, row) + ((column * 7 + row * 13) % 7) - 3)],
  ['another exposure', patch((column, row) => button(column, row) - 25)],
  ['a mouse pointer', patch((c, r) => (c < 2 && r < 3 ? 0 : button(c, r)))],
])('%s is no other scene', (_, now) => {
  expect(isOtherScene(patch(button), now)).toBe(false);
});

test.each([
  ['an empty page', patch(() => 240)],
  ['a scrolled page', patch((column, row) => button(column, (row + 8) % 16))],
  ['a dark window', patch(() => 20)],
])('%s instead of the button is another scene', (_, now) => {
  expect(isOtherScene(patch(button), now)).toBe(true);
});

test('letters that appear on an empty page are another scene', () => {
  expect(
    isOtherScene(
      patch(() => 250),
      patch(button),
    ),
  ).toBe(true);
});

test('the compared patch has a margin around its place, and stays inside the picture', () => {
  const { x, y, width, height } = patchAround({ x: 0, y: 0.5, width: 0.4, height: 0 });
  expect([x, y]).toEqual([0, 0.45]);
  expect(width).toBeCloseTo(0.5);
  expect(height).toBeCloseTo(0.1);
});
