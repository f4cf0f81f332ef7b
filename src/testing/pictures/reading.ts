import { AssertionError } from 'node:assert';
import sharp from 'sharp';
import { imageFile, type PictureLike, unreadable } from './picture.ts';

/** Reads the text in an upright PNG. Any OCR works, such as tesseract.js. */
export type PictureReader = (png: Buffer) => string | Promise<string>;

/** The text that a reader finds in the picture. Each run of white space becomes one space. */
export async function textIn(picture: PictureLike, read: PictureReader): Promise<string> {
  const file = await imageFile(picture);
  const png = await sharp(file)
    .autoOrient()
    .png()
    .toBuffer()
    .catch((error: unknown) => {
      throw unreadable(file, error);
    });
  return plain(await read(png));
}

/**
 * Fails unless a reader finds this text in the picture. Case and the kind of white space do not
 * count.
 *
 * @throws AssertionError with the text that was read.
 */
export async function assertShowsText(
  picture: PictureLike | undefined,
  expected: string | RegExp,
  read: PictureReader,
): Promise<void> {
  const found = picture === undefined ? undefined : await textIn(picture, read);
  if (found !== undefined && isIn(found, expected)) return;
  const message =
    found === undefined
      ? 'there is no picture'
      : `the picture shows ${JSON.stringify(found)}, not ${expected}`;
  throw new AssertionError({ message, actual: found, expected, operator: 'showsText' });
}

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();

const isIn = (found: string, expected: string | RegExp): boolean =>
  typeof expected === 'string'
    ? found.toLowerCase().includes(plain(expected).toLowerCase())
    : expected.test(found);
