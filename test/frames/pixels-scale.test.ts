import { fileURLToPath } from 'node:url';
import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it, vi } from 'vitest';
import { encodeFrame } from '../../src/frames/encode.ts';
import type { Size } from '../../src/frames/geometry.ts';
import { PixelSource } from '../../src/frames/pixel-source.ts';
import { PixelMemory } from '../../src/frames/pixels-memory.ts';
import { decoded, psnr } from '../support/frames/pictures.ts';
import { exactRgb, limitedToByte, PLANAR, randomData, sampleAt } from '../support/frames/planes.ts';

/** In decibels. A bilinear filter has less at each of these sizes. */
const LIKE_SHARP = 48.5;

/** Catmull-Rom over the shrunk pixels, as Pillow does it. */
function weightsOf(from: number, to: number, index: number): number[] {
  const center = ((index + 0.5) * from) / to;
  const each = Array.from({ length: from }, (_, n) => {
    const x = (Math.abs(n + 0.5 - center) * to) / from;
    if (x >= 2) return 0;
    return x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2;
  });
  const total = each.reduce((sum, weight) => sum + weight, 0);
  return each.map((weight) => weight / total);
}

/** All samples of one channel in the smaller size: first the rows, then the columns. */
function shrunk(channel: (x: number, y: number) => number, from: Size, to: Size): number[] {
  const rows = Array.from({ length: from.height }, (_, y) =>
    Array.from({ length: to.width }, (_, x) =>
      weightsOf(from.width, to.width, x).reduce((sum, w, n) => sum + w * channel(n, y), 0),
    ),
  );
  return Array.from({ length: to.height * to.width }, (_, n) => {
    const weights = weightsOf(from.height, to.height, Math.floor(n / to.width));
    return weights.reduce((sum, weight, y) => sum + weight * (rows[y]?.[n % to.width] ?? 0), 0);
  });
}

it('scaled planes of any size and format are the exact colours, filtered, up to rounding', async () => {
  // One memory for all, so that remains of a larger frame would show.
  const memory = new PixelMemory();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PLANAR),
      fc.integer({ min: 1, max: 41 }),
      fc.integer({ min: 1, max: 23 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(),
      async (type, width, height, narrower, lower, seed) => {
        // No filter leaves the range of a byte from the middle half of it.
        const data = randomData(type, width, height, seed).map((byte, n) =>
          type !== 'I010' ? 64 + byte / 2 : n % 2 === 1 ? 1 + (byte % 2) : byte,
        );
        const frame = new VideoFrame(data, width, height, VideoBufferType[type]);
        const size = {
          width: Math.max(1, Math.round(width * narrower)),
          height: Math.max(1, Math.round(height * lower)),
        };
        const { rgb, ...made } = await new PixelSource(frame, memory).picture(size);
        expect(made).toEqual(size);
        expect(rgb.length).toBe(3 * size.width * size.height);
        let worst = 0;
        for (const channel of [0, 1, 2]) {
          const colour = (x: number, y: number) =>
            exactRgb(sampleAt(type, frame, x, y))[channel] ?? Number.NaN;
          for (const [n, value] of shrunk(colour, frame, size).entries())
            worst = Math.max(worst, Math.abs((rgb[3 * n + channel] ?? -99) - limitedToByte(value)));
        }
        // Y, U and V are rounded to bytes; twice half a step of U is the most of these.
        expect(worst).toBeLessThan(2.3);
      },
    ),
    { numRuns: 80 },
  );
});

it.each([0.8, 0.53, 0.2])('a photograph at %f of its sides looks as with sharp', async (scale) => {
  const file = fileURLToPath(new URL('../data/photos/cat.jpg', import.meta.url));
  const { data, info } = await sharp(file)
    .resize({ width: 640 })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const frame = new VideoFrame(Uint8Array.from(data), width, height, VideoBufferType.RGB24).convert(
    VideoBufferType.I420,
  );
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const ours = await encodeFrame(frame, { format: 'png', resize: { ...size, strategy: 'skew' } });
  const whole = await encodeFrame(frame, { format: 'png' });
  const theirs = await sharp(whole.data)
    .resize(size.width, size.height, { fit: 'fill', kernel: 'cubic' })
    .png()
    .toBuffer();
  expect(psnr(await decoded(ours.data), await decoded(theirs))).toBeGreaterThan(LIKE_SHARP);
});

it('a frame that is scaled lets the event loop turn whenever a slice has taken its time', async () => {
  const [width, height] = [64, 640];
  const frame = new VideoFrame(
    randomData('I420', width, height, 1),
    width,
    height,
    VideoBufferType.I420,
  );
  const source = new PixelSource(frame, new PixelMemory());
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1.5));
  let turns = 0;
  const count = () => {
    turns++;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await source.picture({ width: 32, height: 320 });
  clearImmediate(next);
  clock.mockRestore();
  expect(turns).toBeGreaterThanOrEqual(320 / 16 - 1);
});

it('a picture of the size before is not scaled again', async () => {
  const frame = new VideoFrame(randomData('I420', 64, 48, 1), 64, 48, VideoBufferType.I420);
  const memory = new PixelMemory();
  const source = new PixelSource(frame, memory);
  const writes = vi.spyOn(memory, 'bytes');
  const first = await source.picture({ width: 32, height: 24 });
  expect(writes).toHaveBeenCalledTimes(1);
  expect(await source.picture({ width: 32, height: 24 })).toBe(first);
  expect(writes).toHaveBeenCalledTimes(1);
  await source.picture({ width: 16, height: 12 });
  expect(writes).toHaveBeenCalledTimes(2);
});
