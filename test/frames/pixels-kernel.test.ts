import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rgbOf } from '../../src/frames/pixels.ts';
import { PixelMemory } from '../../src/frames/pixels-memory.ts';
import { exactRgb, limitedToByte, PLANAR, randomData, sampleAt } from '../support/frames/planes.ts';

it('planes of any size are converted to within rounding of the exact colours', () => {
  // One memory for all, so that remains of a larger frame would show.
  const memory = new PixelMemory();
  fc.assert(
    fc.property(
      fc.constantFrom(...PLANAR),
      fc.integer({ min: 1, max: 53 }),
      fc.integer({ min: 1, max: 19 }),
      fc.nat(),
      (type, width, height, seed) => {
        const data = randomData(type, width, height, seed);
        const frame = new VideoFrame(data, width, height, VideoBufferType[type]);
        const rgb = rgbOf(frame, memory);
        expect(rgb.length).toBe(3 * width * height);
        let worst = 0;
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const exact = exactRgb(sampleAt(type, frame, x, y)).map(limitedToByte);
            for (const [channel, value] of exact.entries()) {
              const got = rgb[3 * (y * width + x) + channel] ?? Number.NaN;
              worst = Math.max(worst, Math.abs(got - value));
            }
          }
        }
        expect(worst).toBeLessThan(0.6);
      },
    ),
    { numRuns: 300 },
  );
});
