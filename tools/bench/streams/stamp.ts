import type { VideoFrame } from '@livekit/rtc-node';

/** Side of a block in pixels: large enough to survive any compression. */
const BLOCK = 16;
/** The time of day to the ms needs 27 bits. */
const BITS = 27;
const DAY_MS = 86_400_000;
const DARK = 40;
const LIGHT = 216;

/**
 * Writes a time into the upper left corner of the picture, as dark and light blocks that can be
 * read after compression.
 */
export function writeStamp(luma: Uint8Array, stride: number, timeMs: number): void {
  const value = timeMs % DAY_MS;
  for (let bit = 0; bit < BITS; bit++) {
    const shade = Math.floor(value / 2 ** bit) % 2 === 1 ? LIGHT : DARK;
    for (let row = 0; row < BLOCK; row++)
      luma.fill(shade, row * stride + bit * BLOCK, row * stride + (bit + 1) * BLOCK);
  }
}

/** How long ago the picture was stamped, in ms. */
export function ageOf({ data, width }: VideoFrame, nowMs: number): number {
  let value = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const shade = data[(BLOCK / 2) * width + bit * BLOCK + BLOCK / 2] ?? 0;
    if (shade > (DARK + LIGHT) / 2) value += 2 ** bit;
  }
  return (nowMs - value + DAY_MS) % DAY_MS;
}
