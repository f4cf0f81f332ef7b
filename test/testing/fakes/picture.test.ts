import { describe, expect, it } from 'vitest';
import { readPicture } from '../../../src/testing/fakes/picture.ts';
import { canvas, picture } from '../../support/sample-pictures.ts';

describe('the size of a picture', () => {
  const pictures = {
    'a JPEG': canvas(300, 217).jpeg(),
    'a progressive JPEG': canvas(300, 217).jpeg({ progressive: true }),
    'a JPEG with metadata': canvas(300, 217)
      .jpeg()
      .withExif({ IFD0: { Artist: 'nobody' } }),
    'a PNG': canvas(300, 217).png(),
    'a lossy WebP': canvas(300, 217).webp(),
    'a lossless WebP': canvas(300, 217).webp({ lossless: true }),
    'a WebP with transparency': canvas(300, 217, 4).webp(),
  };

  for (const [name, made] of Object.entries(pictures)) {
    it(`the size of a picture is read from ${name}`, async () => {
      expect(readPicture(await made.toBuffer())).toMatchObject({ width: 300, height: 217 });
    });
  }

  it('the size of a picture is read with the actual type of the bytes', async () => {
    const types = (['jpeg', 'png', 'webp'] as const).map(async (format) => {
      return readPicture(await picture(format))?.mimeType;
    });
    expect(await Promise.all(types)).toEqual(['image/jpeg', 'image/png', 'image/webp']);
  });

  it('the size of data that is no picture is not read', async () => {
    const jpeg = await picture('jpeg');
    const nothing = [
      Buffer.alloc(0),
      Buffer.from('GIF89a'),
      jpeg.subarray(0, 12),
      Buffer.alloc(99),
    ];
    expect(nothing.map(readPicture)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
