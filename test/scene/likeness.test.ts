import { expect, test } from 'vitest';
import type { LumaPicture } from '../../src/frames/luma.ts';
import { isLike, LIKENESS_SIZE } from '../../src/scene/likeness.ts';

const CELLS = LIKENESS_SIZE.width * LIKENESS_SIZE.height;

/** A picture of which this number of cells is brighter or has another texture. */
const picture = ({ brighter = 0, textured = 0, light = 0 } = {}): LumaPicture => ({
  ...{ ...LIKENESS_SIZE, edges: 0 },
  means: Float32Array.from(
    { length: CELLS },
    (_, cell) => 100 + light + (cell < brighter ? 60 : 0),
  ),
  textures: Float32Array.from({ length: CELLS }, (_, cell) => (cell < textured ? 60 : 0)),
});

const SHARE = 0.02;

test.each(['camera', 'unknown'] as const)(
  'two pictures of source %s are alike if less than a fiftieth of them differs',
  (source) => {
    const few = Math.ceil(SHARE * CELLS) - 1;
    for (const change of ['brighter', 'textured']) {
      expect(isLike(picture(), picture({ [change]: few }), source)).toBe(true);
      expect(isLike(picture(), picture({ [change]: few + 1 }), source)).toBe(false);
    }
  },
);

test('a threshold of the caller applies instead', () => {
  expect(isLike(picture(), picture({ brighter: 100 }), 'camera', 0.5)).toBe(true);
  expect(isLike(picture(), picture({ brighter: 2 }), 'camera', 0.0001)).toBe(false);
});

test('a uniform change of light does not count, and another size always does', () => {
  expect(isLike(picture(), picture({ light: 20 }), 'camera')).toBe(true);
  const small = { ...picture(), width: 1, height: 1, means: Float32Array.of(100) };
  expect(isLike(picture(), small, 'camera')).toBe(false);
});
