import { AssertionError } from 'node:assert';
import { filled } from '../../option-table.ts';
import { nearestLevel } from '../camera/levels.ts';
import { LIKENESS } from '../options.ts';
import { type PictureLike, type Pixels, pixelsOf } from './picture.ts';

/** Pictures are compared at this size, which removes the effects of compression and scaling. */
const COMPARED = { width: 64, height: 64 };
/** Mean difference of the colours, of 255, above which two pictures have nothing in common. */
const STRANGE = 64;
/** Deviation of the brightness, of 255, below which a picture has no structure. */
const PLAIN = 4;

/** Options of a comparison of two pictures. */
export interface LikenessOptions {
  /**
   * The least likeness, from 0 to 1. An encoded and scaled copy of a picture reaches more than 0.9,
   * a picture of another scene less than 0.6.
   *
   * @defaultValue 0.85
   */
  readonly atLeast?: number;
}

/**
 * How alike two pictures are, from 0 to 1: the lower of the likeness of their colours and that of
 * their bright and dark areas. Size, aspect ratio, format and compression do not count.
 */
export async function likeness(picture: PictureLike, other: PictureLike): Promise<number> {
  const [one, two] = await Promise.all([pixelsOf(picture, COMPARED), pixelsOf(other, COMPARED)]);
  return Math.max(0, Math.min(colours(one, two), structure(one, two)));
}

/**
 * Whether a picture looks like a file, another picture, or a grey level of a `TestCamera`.
 *
 * @example
 * ```ts
 * expect(await looksLike(model.last.pictures[0], 'test/mug.jpg')).toBe(true);
 * ```
 */
export async function looksLike(
  picture: PictureLike | undefined,
  expected: PictureLike | number,
  options: LikenessOptions = {},
): Promise<boolean> {
  const { atLeast } = filled('', options, LIKENESS);
  if (picture === undefined) return false;
  if (typeof expected === 'number') return (await greyLevel(picture)) === expected;
  return (await likeness(picture, expected)) >= atLeast;
}

/**
 * Like {@link looksLike}, as an assertion for any test runner.
 *
 * @throws AssertionError with the likeness that was found.
 */
export async function assertLooksLike(
  picture: PictureLike | undefined,
  expected: PictureLike | number,
  options: LikenessOptions = {},
): Promise<void> {
  const { atLeast } = filled('', options, LIKENESS);
  if (picture === undefined) throw failed('there is no picture', undefined, expected);
  if (typeof expected === 'number') {
    const level = await greyLevel(picture);
    if (level === expected) return;
    const shown = level === undefined ? 'more than one colour' : `level ${level}`;
    throw failed(`the picture shows ${shown}, not level ${expected}`, level, expected);
  }
  const found = await likeness(picture, expected);
  if (found >= atLeast) return;
  const message = `the pictures are alike by ${found.toFixed(2)}, expected at least ${atLeast}`;
  throw failed(message, found, atLeast);
}

/** The level of a `TestCamera` in a picture, 0 to 9; `undefined` if it is not one plain grey. */
export async function greyLevel(picture: PictureLike): Promise<number | undefined> {
  return greyLevelOf(await pixelsOf(picture, COMPARED));
}

/** The level of these pixels; `undefined` if they are not one plain grey. */
export function greyLevelOf(pixels: Pixels): number | undefined {
  const luma = brightness(pixels);
  const average = mean(luma);
  const colourful = pixels.data.some((value, index) => {
    const grey = luma[Math.floor(index / 3)] ?? 0;
    return Math.abs(value - grey) > 3 * PLAIN;
  });
  return colourful || deviation(luma, average) > PLAIN ? undefined : nearestLevel(average);
}

function failed(message: string, actual: unknown, expected: unknown): AssertionError {
  return new AssertionError({ message, actual, expected, operator: 'looksLike' });
}

/** 1 for the same colours, 0 or less for unrelated ones. */
function colours(one: Pixels, two: Pixels): number {
  let sum = 0;
  for (const [index, value] of one.data.entries()) sum += Math.abs(value - (two.data[index] ?? 0));
  return 1 - sum / one.data.length / STRANGE;
}

/** Correlation of the brightness: 1 for the same structure, 0 for unrelated ones. */
function structure(one: Pixels, two: Pixels): number {
  const [a, b] = [brightness(one), brightness(two)];
  const [meanA, meanB] = [mean(a), mean(b)];
  const [deviationA, deviationB] = [deviation(a, meanA), deviation(b, meanB)];
  if (deviationA < PLAIN && deviationB < PLAIN) return 1;
  if (deviationA < PLAIN || deviationB < PLAIN) return 0;
  const products = a.map((value, index) => (value - meanA) * ((b[index] ?? 0) - meanB));
  return mean(products) / (deviationA * deviationB);
}

function brightness({ data, width, height }: Pixels): number[] {
  return Array.from({ length: width * height }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = data.subarray(3 * at, 3 * at + 3);
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const deviation = (values: readonly number[], average: number): number =>
  Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
