import sharp from 'sharp';
import type { EncodedImage } from '../frames/encode.ts';

/** The mean of a picture's red, green and blue, 0 to 255 each. */
export type MeanColor = readonly number[];

/** Difference that counts as another light or color; the exposure of a camera varies by less. */
const OTHER = 10;

/**
 * The mean color of an encoded picture. The likeness of two scenes ignores a uniform change of light,
 * and is computed from luma, which has no colors.
 */
export async function meanColor({ data }: EncodedImage): Promise<MeanColor> {
  const shrunk = sharp(data).removeAlpha().toColourspace('srgb').resize(1, 1, { fit: 'fill' });
  return [...(await shrunk.raw().toBuffer())];
}

/** Whether two pictures have the same light and color. */
export const isSameColor = (one: MeanColor, other: MeanColor): boolean =>
  one.every((value, i) => Math.abs(value - (other[i] ?? 0)) <= OTHER);
