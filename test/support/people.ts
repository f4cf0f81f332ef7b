import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import type { Region } from '../../src/index.ts';

/** A photograph of people, of the package `@vladmandic/face-api`. */
export interface Photo {
  readonly file: URL;
  /** Faces that look at the camera. */
  readonly frontal: readonly Region[];
  /** Faces that look down or to the side. */
  readonly turned: readonly Region[];
}

const PACKAGE = pathToFileURL(
  createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json'),
);

const box = (x: number, y: number, width: number, height: number): Region => ({
  x,
  y,
  width,
  height,
});

const photo = (name: string, faces: Pick<Photo, 'frontal' | 'turned'>): Photo => ({
  file: new URL(`demo/${name}.jpg`, PACKAGE),
  ...faces,
});

/** The boxes are those of a larger model than the detector's, and were checked by eye. */
export const PHOTOS: readonly Photo[] = [
  photo('sample1', {
    frontal: [box(0.216, 0.277, 0.092, 0.188), box(0.769, 0.156, 0.106, 0.187)],
    turned: [box(0.437, 0.328, 0.098, 0.178)],
  }),
  photo('sample2', {
    frontal: [],
    turned: [
      box(0.188, 0.093, 0.079, 0.19),
      box(0.468, 0.16, 0.081, 0.172),
      box(0.753, 0.112, 0.101, 0.179),
    ],
  }),
  photo('sample3', {
    frontal: [
      box(0.305, 0.243, 0.104, 0.202),
      box(0.56, 0.159, 0.115, 0.222),
      box(0.789, 0.215, 0.089, 0.208),
    ],
    turned: [],
  }),
  photo('sample4', {
    frontal: [box(0.134, 0.127, 0.084, 0.17), box(0.346, 0.035, 0.097, 0.179)],
    turned: [box(0.515, 0.124, 0.089, 0.157), box(0.665, 0.097, 0.076, 0.171)],
  }),
  photo('sample5', {
    frontal: [
      box(0.196, 0.615, 0.09, 0.214),
      box(0.311, 0.296, 0.087, 0.179),
      box(0.41, 0.079, 0.081, 0.15),
      box(0.579, 0.141, 0.083, 0.17),
      box(0.733, 0.278, 0.086, 0.195),
    ],
    turned: [],
  }),
  photo('sample6', {
    frontal: [
      box(0.13, 0.305, 0.109, 0.189),
      box(0.355, 0.209, 0.083, 0.2),
      box(0.615, 0.198, 0.098, 0.183),
      box(0.775, 0.171, 0.11, 0.192),
    ],
    turned: [],
  }),
];

/** A photograph of several people who look at the camera. */
export const GROUP = PHOTOS[5] as Photo;

/** Brightest value of a black pixel that was compressed. */
const BLACK = 40;

/** The share of a region's pixels that are black in the picture. */
export async function blackShare(picture: Buffer, { x, y, width, height }: Region) {
  const { width: w, height: h } = await sharp(picture).metadata();
  const { data } = await sharp(picture)
    .extract({
      left: Math.round(x * w),
      top: Math.round(y * h),
      width: Math.round(width * w),
      height: Math.round(height * h),
    })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return data.filter((value) => value < BLACK).length / data.length;
}
