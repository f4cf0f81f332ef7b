import { fileURLToPath } from 'node:url';
import type { llm } from '@livekit/agents';
import type { VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import { object } from '../../checks.ts';
import { OptionError } from '../../errors.ts';
import { encodeFrame, type RotatedFrame } from '../../frames/encode.ts';
import { messageOf } from '../../thrown.ts';
import { TestingError } from '../errors.ts';

/**
 * A picture in one of these forms: a file (its path or `file:` URL), a `data:` URL, encoded bytes,
 * an object with encoded bytes in `data` (an `EncodedImage`, a frame that a fake service received),
 * a picture of a model request, or a frame, with or without its rotation.
 */
export type PictureLike =
  | string
  | URL
  | Uint8Array
  | { readonly data: Uint8Array }
  | llm.ImageContent
  | VideoFrame
  | RotatedFrame;

/** Upright RGB24 pixels, row by row. */
export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** The bytes of a `data:` URL; `undefined` for any other text. */
export function dataUrlBytes(url: string): Buffer | undefined {
  const [, base64] = url.match(/^data:[^,]*;base64,(.*)$/s) ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

/**
 * The picture as sharp opens it: encoded bytes, or the path of a file.
 *
 * @throws TestingError for a web address, because the kit does not use the network; OptionError for
 * a value of another type.
 */
export async function imageFile(picture: PictureLike): Promise<Buffer | string> {
  if (typeof picture === 'string') return dataUrlBytes(picture) ?? ofFile(picture);
  if (picture instanceof URL)
    return picture.protocol === 'file:' ? fileURLToPath(picture) : ofFile(picture.href);
  if (picture instanceof Uint8Array) return Buffer.from(picture);
  object('picture', picture, PICTURE_REMEDY);
  if ('image' in picture) return imageFile(picture.image);
  if ('frame' in picture || isFrame(picture)) return (await encodeFrame(picture, LOSSLESS)).data;
  if (picture.data instanceof Uint8Array) return Buffer.from(picture.data);
  throw new OptionError('picture', picture, PICTURE_REMEDY);
}

/**
 * The picture's pixels, upright.
 *
 * @param size - Scales the picture to exactly this size.
 * @throws TestingError if the picture cannot be read; OptionError for a value of another type.
 */
export async function pixelsOf(
  picture: PictureLike,
  size?: { readonly width: number; readonly height: number },
): Promise<Pixels> {
  const file = await imageFile(picture);
  try {
    const image = sharp(file).autoOrient().flatten().toColourspace('srgb');
    if (size) image.resize({ ...size, fit: 'fill' });
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The error for a picture that sharp cannot read. */
export function unreadable(file: Buffer | string, cause: unknown): TestingError {
  const what = typeof file === 'string' ? file : `a picture of ${file.length} bytes`;
  const reason = messageOf(cause);
  return new TestingError(
    'picture',
    `${what} cannot be read (${reason})`,
    'give an existing JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG file, or the bytes of one',
    { cause },
  );
}

/** Keeps the artefacts of a lossy format out of comparisons. */
const LOSSLESS = { format: 'png' } as const;

const PICTURE_REMEDY = 'pass the path or the `file:` URL of a picture, its bytes, or a frame';

/** Whether it is a frame of rtc-node, from any loaded copy of the package. */
export const isFrame = (picture: unknown): picture is VideoFrame =>
  typeof picture === 'object' &&
  picture !== null &&
  'type' in picture &&
  typeof picture.type === 'number' &&
  'data' in picture;

function ofFile(path: string): string {
  if (!/^[a-z]+:\/\//i.test(path)) return path;
  throw new TestingError(
    'picture',
    `${path} is a web address, and the kit does not use the network`,
    'give the picture as a file, as bytes or as a data: URL',
  );
}
