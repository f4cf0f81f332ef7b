import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBlack } from '../../src/frames/black-frame.ts';

const looksBlack = (luma: Uint8Array) =>
  isBlack(luma.length, (at, length) => luma.subarray(at, at + length));

describe('a frame is black', () => {
  test('a frame is black if its luma is black, in either range', () => {
    for (const value of [0, 16, 20])
      expect(looksBlack(new Uint8Array(640 * 360).fill(value))).toBe(true);
  });

  test('a dark grey frame is not black', () => {
    expect(looksBlack(new Uint8Array(640 * 360).fill(21))).toBe(false);
  });

  test('a frame with one bright pixel in one of five places is not black', () => {
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const luma = new Uint8Array(640 * 360).fill(16);
      luma[Math.floor(luma.length * share) - 1] = 200;
      expect(looksBlack(luma)).toBe(false);
    }
  });

  test('a frame with any band of light is not black', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 21, max: 255 }),
        fc.integer({ min: 0, max: 8 }),
        (value, tenth) => {
          const luma = new Uint8Array(320 * 180).fill(16);
          luma.fill(value, (luma.length / 10) * tenth, (luma.length / 10) * (tenth + 2));
          expect(looksBlack(luma)).toBe(false);
        },
      ),
    );
  });

  test('a frame is checked in few places, all of them inside it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000_000 }), (length) => {
        let bytes = 0;
        isBlack(length, (at, count) => {
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at + count).toBeLessThanOrEqual(length);
          bytes += count;
          return new Uint8Array(count);
        });
        expect(bytes).toBeLessThanOrEqual(5 * 64);
      }),
    );
  });
});
