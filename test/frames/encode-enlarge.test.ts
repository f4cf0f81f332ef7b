import { expect, test } from 'vitest';
import { enlarged, opened, pixels, type RgbPicture } from '../../src/frames/encode-enlarge.ts';

/** A picture whose red grows to the right, and whose green grows downwards. */
function ramp(width: number, height: number): RgbPicture {
  const rgb = Buffer.alloc(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rgb.set([20 * x, 20 * y, 200], 3 * (y * width + x));
  return { rgb, width, height };
}

const at = ({ rgb, width }: RgbPicture, x: number, y: number) => [
  ...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

test('a picture that need not grow is returned as it is', async () => {
  const picture = ramp(8, 6);
  expect(await enlarged(picture, { width: 8, height: 6 })).toBe(picture);
  expect(await enlarged(picture, { width: 4, height: 3 })).toBe(picture);
});

test('only the side that should grow is enlarged', async () => {
  const picture = ramp(8, 6);
  expect(await enlarged(picture, { width: 16, height: 3 })).toMatchObject({
    ...{ width: 16, height: 6 },
  });
  expect(await enlarged(picture, { width: 4, height: 12 })).toMatchObject({
    ...{ width: 8, height: 12 },
  });
});

test.each([2, 3, 2.5])(
  'enlarged %s times, the centre of each pixel stays at its place',
  async (n) => {
    const picture = await enlarged(ramp(8, 6), { width: 8 * n, height: 6 * n });
    expect(picture).toMatchObject({ width: 8 * n, height: 6 * n });
    // Without the outermost pixels, at which the ramp ends.
    for (let y = Math.ceil(2 * n); y < 4 * n; y++)
      for (let x = Math.ceil(2 * n); x < 6 * n; x++) {
        const [red, green, blue] = at(picture, x, y);
        expect(Math.abs((red ?? 0) - 20 * ((x + 0.5) / n - 0.5))).toBeLessThan(2);
        expect(Math.abs((green ?? 0) - 20 * ((y + 0.5) / n - 0.5))).toBeLessThan(2);
        expect(blue).toBe(200);
      }
  },
);

test('an enlarged picture is not darker at its edges', async () => {
  const { rgb } = await enlarged(
    { rgb: Buffer.alloc(3 * 64, 200), width: 8, height: 8 },
    { width: 24, height: 24 },
  );
  expect(new Set(rgb)).toEqual(new Set([200]));
});

test('pixels are those that the pipeline makes, with their size', async () => {
  const picture = await pixels(
    opened(ramp(8, 6)).extract({ left: 1, top: 2, width: 3, height: 2 }),
  );
  expect(picture).toMatchObject({ width: 3, height: 2 });
  expect(at(picture, 0, 0)).toEqual([20, 40, 200]);
});
