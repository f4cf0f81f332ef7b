import sharp from 'sharp';
import { expect, test } from 'vitest';
import { compress } from '../../src/frames/encode-compress.ts';
import type { CheckedEncodeOptions } from '../../src/frames/encode-options.ts';
import type { Placement } from '../../src/frames/geometry.ts';
import { PixelSource } from '../../src/frames/pixel-source.ts';
import { withMemory } from '../../src/frames/pixels-memory.ts';
import { chartError, chartFrame } from '../support/frames/chart.ts';
import { decoded, type Pixels } from '../support/frames/pictures.ts';

const size = { width: 80, height: 60 };
const PLAIN = { format: 'png', quality: 75, degrees: 0, timeoutMs: 5000 } as const;

/** The chart, compressed. */
const made = (placement: Placement, options: Partial<CheckedEncodeOptions> = {}) =>
  withMemory((memory) =>
    compress(new PixelSource(chartFrame('RGBA', size), memory), placement, {
      ...PLAIN,
      ...options,
    }),
  );

const whole = (width: number, height: number): Placement => ({
  ...{ width, height },
  picture: { left: 0, top: 0, width, height },
});

const isBlack = ({ data, width }: Pixels, x: number, y: number) =>
  data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3).every((value) => value === 0);

test.each([0, 90, 180, 270] as const)(
  'a frame is turned by %s degrees clockwise',
  async (degrees) => {
    const upright = degrees % 180 === 0 ? whole(40, 30) : whole(30, 40);
    const { data, ...made_ } = await made(upright, { degrees });
    expect(made_).toEqual({ width: upright.width, height: upright.height });
    expect(chartError(await decoded(data), size, degrees)).toBeLessThan(12);
  },
);

test('a picture that is smaller than its place has black bars on the sides given', async () => {
  const { data, width, height } = await made({
    ...{ width: 100, height: 90 },
    picture: { left: 12, top: 10, width: 80, height: 60 },
  });
  expect([width, height]).toEqual([100, 90]);
  const picture = await decoded(data);
  const bars = [
    [11, 40],
    [92, 40],
    [50, 9],
    [50, 70],
    [0, 0],
    [99, 89],
  ] as const;
  for (const [x, y] of bars) expect(isBlack(picture, x, y)).toBe(true);
  for (const [x, y] of [
    [12, 10],
    [91, 10],
  ] as const)
    expect(isBlack(picture, x, y)).toBe(false);
});

test('a picture that fills one side has bars at the other two', async () => {
  const { data, width, height } = await made({
    ...{ width: 80, height: 70 },
    picture: { left: 0, top: 4, width: 80, height: 60 },
  });
  expect([width, height]).toEqual([80, 70]);
  const picture = await decoded(data);
  expect([3, 4, 63, 64].map((y) => isBlack(picture, 5, y))).toEqual([true, false, false, true]);
});

test('a picture that is larger than its place is cut where the placement says', async () => {
  const { data, width, height } = await made({
    ...{ width: 40, height: 30 },
    picture: { left: -40, top: -30, width: 80, height: 60 },
  });
  expect([width, height]).toEqual([40, 30]);
  const cut = await decoded(data);
  const chart = await decoded((await made(whole(80, 60))).data);
  for (const [x, y] of [
    [0, 0],
    [39, 29],
    [20, 10],
  ] as const) {
    const from = 3 * ((y + 30) * 80 + x + 40);
    const to = 3 * (y * 40 + x);
    expect(cut.data.subarray(to, to + 3)).toEqual(chart.data.subarray(from, from + 3));
  }
});

test.each(['jpeg', 'webp', 'png'] as const)(
  'the quality of %s counts, but for PNG',
  async (format) => {
    const { data: fine } = await made(whole(80, 60), { format, quality: 95 });
    const { data: coarse } = await made(whole(80, 60), { format, quality: 5 });
    expect((await sharp(fine).metadata()).format).toBe(format);
    if (format === 'png') expect(coarse).toEqual(fine);
    else expect(coarse.length).toBeLessThan(0.8 * fine.length);
  },
);
