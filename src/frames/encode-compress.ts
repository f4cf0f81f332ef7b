import { availableParallelism } from 'node:os';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { enlarged, opened } from './encode-enlarge.ts';
import type { CheckedEncodeOptions } from './encode-options.ts';
import type { Placement, Size } from './geometry.ts';
import type { PixelSource } from './pixel-source.ts';

/*
 * Process-wide settings of sharp, made when the encoder is first imported. Two threads a picture:
 * it is done a sixth sooner for the same CPU time, and more of them bring nothing. No cache of
 * operations: no frame comes twice, and the cache would keep the last ones alive.
 */
sharp.concurrency(Math.min(2, availableParallelism()));
sharp.cache(false);

/** A compressed picture and its size in pixels. */
export interface Compressed extends Size {
  data: Buffer;
}

/**
 * Resizes, rotates, places and compresses, on libuv's threads.
 *
 * @param source - The picture as the camera delivered it; read until the promise settles.
 * @param placement - The position of the upright picture.
 */
export async function compress(
  source: PixelSource,
  placement: Placement,
  options: Pick<CheckedEncodeOptions, 'format' | 'quality' | 'degrees' | 'timeoutMs'>,
): Promise<Compressed> {
  const { picture } = placement;
  // Resized before it is rotated, so that fewer pixels are rotated.
  const [width, height] =
    options.degrees % 180 === 0 ? [picture.width, picture.height] : [picture.height, picture.width];
  const shrunk = await source.picture({ width, height });
  const image = opened(await enlarged(shrunk, { width, height }))
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .rotate(options.degrees);
  const isCropped = picture.width > placement.width || picture.height > placement.height;
  if (isCropped) crop(image, placement);
  else bars(image, placement);
  const { data, info } = await inFormat(image, options)
    .timeout({ seconds: Math.ceil(options.timeoutMs / 1000) })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function crop(image: Sharp, { width, height, picture }: Placement): void {
  image.extract({ left: -picture.left, top: -picture.top, width, height });
}

function bars(image: Sharp, { width, height, picture }: Placement): void {
  const { left, top } = picture;
  const right = width - left - picture.width;
  const bottom = height - top - picture.height;
  if (left + top + right + bottom === 0) return;
  image.extend({ left, top, right, bottom, background: 'black' });
}

function inFormat(
  image: Sharp,
  { format, quality }: Pick<CheckedEncodeOptions, 'format' | 'quality'>,
): Sharp {
  switch (format) {
    case 'jpeg':
      // Like Pillow: optimized Huffman tables would save 3 % and take 50 % longer.
      return image.jpeg({ quality, optimiseCoding: false });
    case 'webp':
      // Less than half the time of the default effort, for 6 % more bytes.
      return image.webp({ quality, effort: 1 });
    case 'png':
      // Like Pillow: without filters, a photograph has 40 % more bytes.
      return image.png({ adaptiveFiltering: true });
  }
}
