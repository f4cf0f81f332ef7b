import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { EncodedImage } from '../../src/frames/encode.ts';
import { isSameColor, meanColor } from '../../src/scene/mean-color.ts';

test('the mean color of a picture is that of its pixels, in red, green and blue', async () => {
  const left = { r: 200, g: 0, b: 40, alpha: 1 };
  const data = await sharp({ create: { width: 20, height: 10, channels: 4, background: left } })
    .extend({ right: 20, background: { r: 0, g: 100, b: 40, alpha: 1 } })
    .png()
    .toBuffer();
  const color = await meanColor({ data } as EncodedImage);
  expect(color).toHaveLength(3);
  for (const [index, value] of [100, 50, 40].entries())
    expect(Math.abs((color[index] ?? 0) - value)).toBeLessThan(4);
});

test('two colors are the same up to a difference of ten in each part', () => {
  expect(isSameColor([100, 100, 100], [110, 90, 100])).toBe(true);
  for (const other of [
    [111, 100, 100],
    [100, 89, 100],
    [100, 100, 111],
  ])
    expect(isSameColor([100, 100, 100], other)).toBe(false);
});
