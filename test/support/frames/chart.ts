import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import type { Size } from '../../../src/frames/geometry.ts';
import type { Pixels } from './pictures.ts';

export type Colour = readonly [red: number, green: number, blue: number];

/** Primaries, greys, skin and a few other colours: four columns, three rows. */
const PATCHES: readonly Colour[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
  [0, 0, 0],
  [128, 128, 128],
  [255, 255, 0],
  [0, 255, 255],
  [255, 0, 255],
  [200, 100, 50],
  [30, 60, 90],
  [250, 200, 180],
];
const COLUMNS = 4;
const ROWS = PATCHES.length / COLUMNS;

/** Every pixel format of rtc-node. */
export const TYPES: readonly (keyof typeof VideoBufferType)[] = [
  'RGBA',
  'ABGR',
  'ARGB',
  'BGRA',
  'RGB24',
  'I420',
  'I420A',
  'I422',
  'I444',
  'I010',
  'NV12',
];

function colourAt({ width, height }: Size, x: number, y: number): Colour {
  const column = Math.floor((x * COLUMNS) / width);
  const row = Math.floor((y * ROWS) / height);
  return PATCHES[row * COLUMNS + column] ?? [0, 0, 0];
}

/** The chart as a frame of a format, made with exact arithmetic. */
export function chartFrame(
  type: keyof typeof VideoBufferType,
  size: Size,
  colours: (x: number, y: number) => Colour = (x, y) => colourAt(size, x, y),
): VideoFrame {
  const { width, height } = size;
  const plane = (across: number, down: number, sample: (colour: Colour) => number): number[] => {
    const samples: number[] = [];
    for (let y = 0; y < height; y += down) {
      for (let x = 0; x < width; x += across) samples.push(sample(colours(x, y)));
    }
    return samples;
  };
  const each = (pixel: (colour: Colour) => readonly number[]): number[] => {
    const samples: number[] = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) samples.push(...pixel(colours(x, y)));
    }
    return samples;
  };
  const planes = (across: number, down: number, levels = 1): number[] => [
    ...plane(1, 1, (colour) => Math.round(luma(colour) * levels)),
    ...plane(across, down, (colour) => Math.round(blueness(colour) * levels)),
    ...plane(across, down, (colour) => Math.round(redness(colour) * levels)),
  ];
  // Alpha is never 255, so a result that used it would differ.
  const data: Record<keyof typeof VideoBufferType, () => readonly number[]> = {
    RGBA: () => each(([r, g, b]) => [r, g, b, 77]),
    ABGR: () => each(([r, g, b]) => [77, b, g, r]),
    ARGB: () => each(([r, g, b]) => [77, r, g, b]),
    BGRA: () => each(([r, g, b]) => [b, g, r, 77]),
    RGB24: () => each((colour) => colour),
    I420: () => planes(2, 2),
    I420A: () => [...planes(2, 2), ...plane(1, 1, () => 77)],
    I422: () => planes(2, 1),
    I444: () => planes(1, 1),
    I010: () => planes(2, 2, 4).flatMap((sample) => [sample & 0xff, sample >> 8]),
    NV12: () => {
      const red = plane(2, 2, redness).map(Math.round);
      const pairs = plane(2, 2, blueness).flatMap((u, n) => [Math.round(u), red[n] ?? 0]);
      return [...plane(1, 1, luma).map(Math.round), ...pairs];
    },
  };
  return new VideoFrame(Uint8Array.from(data[type]()), width, height, VideoBufferType[type]);
}

/** Luma and chroma of BT.601, limited range. */
const luma = ([r, g, b]: Colour): number => 16 + (219 / 255) * (0.299 * r + 0.587 * g + 0.114 * b);
const blueness = ([r, g, b]: Colour): number =>
  128 + ((224 / 255) * (b - (0.299 * r + 0.587 * g + 0.114 * b))) / 1.772;
const redness = ([r, g, b]: Colour): number =>
  128 + ((224 / 255) * (r - (0.299 * r + 0.587 * g + 0.114 * b))) / 1.402;

/**
 * The largest difference, of 255, between the middles of the patches in a picture and in the chart
 * turned clockwise.
 */
export function chartError(picture: Pixels, chart: Size, degrees = 0): number {
  let worst = 0;
  for (const [n, colour] of PATCHES.entries()) {
    // Relative to the chart, from 0 to 1.
    let x = ((n % COLUMNS) + 0.5) / COLUMNS;
    let y = (Math.floor(n / COLUMNS) + 0.5) / ROWS;
    for (let turned = 0; turned < degrees; turned += 90) [x, y] = [1 - y, x];
    const at = Math.floor(y * picture.height) * picture.width + Math.floor(x * picture.width);
    for (const [channel, value] of colour.entries()) {
      worst = Math.max(worst, Math.abs((picture.data[3 * at + channel] ?? -255) - value));
    }
  }
  const sideways = degrees % 180 !== 0;
  const upright = sideways ? chart.width / chart.height : chart.height / chart.width;
  if (Math.abs(picture.height / picture.width - upright) > 0.05) return 255;
  return worst;
}
