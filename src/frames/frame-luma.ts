import type { VideoFrame } from '@livekit/rtc-node';
import { type LumaPicture, planeLuma, shrinkLuma } from './luma.ts';
import { rgbOf } from './pixels.ts';
import { borrowMemory, giveBack } from './pixels-memory.ts';

/** The share of each channel in the luma, in 256ths (BT.601). */
const RED = 77;
const GREEN = 150;
const BLUE = 29;

/** A small grey picture of a frame of any format. */
export function frameLuma(frame: VideoFrame, columns: number, rows: number): LumaPicture {
  const luma = planeLuma(frame, columns, rows);
  if (luma) return luma;
  const { width, height } = frame;
  const memory = borrowMemory();
  try {
    const rgb = rgbOf(frame, memory);
    const read = (at: number, length: number) => greyOf(rgb.subarray(3 * at, 3 * (at + length)));
    return shrinkLuma({ width, height, stride: width, read }, columns, rows);
  } finally {
    giveBack(memory);
  }
}

function greyOf(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += 3)
    grey[pixel] =
      (RED * (rgb[at] ?? 0) + GREEN * (rgb[at + 1] ?? 0) + BLUE * (rgb[at + 2] ?? 0)) >> 8;
  return grey;
}
