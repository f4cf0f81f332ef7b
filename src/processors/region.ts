import { OptionError } from '../errors.ts';
import type { Size } from '../frames/geometry.ts';

/** A part of an upright picture, in shares of its width and height: 0 to 1, from the top left. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A point of an upright picture, in shares of its width and height. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle in pixels. */
export interface PixelRect extends Size {
  readonly left: number;
  readonly top: number;
}

const REMEDY = 'use { x, y, width, height }, shares of the picture from 0 to 1';

/** @throws OptionError if it is not a region with an area inside the picture. */
export function checkedRegion(option: string, value: Region): Region {
  const { x, y, width, height } = checkedNumbers(option, value);
  const isEmpty = width <= 0 || height <= 0;
  if (x < 0 || y < 0 || isEmpty || isBeyond(x + width) || isBeyond(y + height))
    throw outsideError(option, value);
  return value;
}

/** Whether an edge is outside of the picture, by more than a sum of shares is rounded. */
export const isBeyond = (edge: number): boolean => edge > 1.0001;

/** The error for a region that covers no pixel of the picture, or reaches beyond it. */
export const outsideError = (option: string, value: Region): OptionError =>
  new OptionError(option, value, REMEDY, 'is empty, or reaches beyond the picture');

/**
 * The pixels of the region, rounded outwards so that its edge is covered, and cut at the edges of
 * the picture; `undefined` if it is outside.
 *
 * @throws OptionError if it is not a region: a number that is missing would cover nothing.
 */
export function coveredPixels(option: string, region: Region, size: Size): PixelRect | undefined {
  const { x, y, width, height } = checkedNumbers(option, region);
  const left = Math.max(0, Math.floor(x * size.width));
  const top = Math.max(0, Math.floor(y * size.height));
  const right = Math.min(size.width, Math.ceil((x + width) * size.width));
  const bottom = Math.min(size.height, Math.ceil((y + height) * size.height));
  if (right <= left || bottom <= top) return undefined;
  return { left, top, width: right - left, height: bottom - top };
}

function checkedNumbers(option: string, value: Region): Region {
  const numbers = [value?.x, value?.y, value?.width, value?.height];
  if (!numbers.every(Number.isFinite)) throw new OptionError(option, value, REMEDY);
  return value;
}
