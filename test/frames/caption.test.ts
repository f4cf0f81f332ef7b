import sharp from 'sharp';
import { expect, test } from 'vitest';
import { withCaption } from '../../src/frames/caption.ts';
import type { EncodedImage } from '../../src/frames/encode.ts';
import { decoded } from '../support/frames/pictures.ts';

const CAPTION = { width: 112, height: 30 };

/** A picture in one colour. */
async function red(format: 'jpeg' | 'png' | 'webp', width = 200, height = 100) {
  const background = { r: 200, g: 0, b: 0 };
  const data = await sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
  return { data, mimeType: `image/${format}`, width, height } as EncodedImage;
}

test.each(['jpeg', 'png', 'webp'] as const)(
  'a caption is in the upper left corner of a picture as %s, and the rest stays as it is',
  async (format) => {
    const picture = await red(format);
    const captioned = await withCaption(picture, 'screen');
    expect(captioned).toMatchObject({ mimeType: `image/${format}`, width: 200, height: 100 });
    expect((await sharp(captioned.data).metadata()).format).toBe(format);
    const { data, width } = await decoded(captioned.data);
    const at = (x: number, y: number) => [
      ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
    ];
    // Compressed edges differ a little.
    for (const [x, y] of [
      [2, 2],
      [105, 2],
      [2, 24],
    ] as const)
      expect(Math.max(...at(x, y))).toBeLessThan(60);
    for (const [x, y] of [
      [124, 4],
      [4, 42],
      [190, 90],
    ] as const) {
      const [r = 0, g = 255, b = 255] = at(x, y);
      expect(r).toBeGreaterThan(170);
      expect(Math.max(g, b)).toBeLessThan(50);
    }
    let bright = 0;
    for (let y = 0; y < CAPTION.height; y++)
      for (let x = 0; x < CAPTION.width; x++) if (Math.min(...at(x, y)) > 180) bright++;
    expect(bright).toBeGreaterThan(100);
  },
);

test('each source has its own caption, the same each time', async () => {
  const picture = await red('png');
  const [screen, camera, again] = [
    await withCaption(picture, 'screen'),
    await withCaption(picture, 'camera'),
    await withCaption(picture, 'screen'),
  ];
  expect(Buffer.compare(screen.data, camera.data)).not.toBe(0);
  expect(Buffer.compare(screen.data, again.data)).toBe(0);
});

test('a picture that is smaller than the caption, or of an unknown source, stays unchanged', async () => {
  for (const [width, height] of [
    [111, 100],
    [200, 29],
  ] as const) {
    const small = await red('png', width, height);
    expect(await withCaption(small, 'screen')).toBe(small);
  }
  const picture = await red('png');
  expect(await withCaption(picture, 'unknown')).toBe(picture);
  const smallest = await red('png', CAPTION.width, CAPTION.height);
  expect(await withCaption(smallest, 'screen')).not.toBe(smallest);
});
