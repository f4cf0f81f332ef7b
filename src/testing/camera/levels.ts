import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import type { Size } from '../../frames/geometry.ts';
import { TestingError } from '../errors.ts';

/**
 * Levels have the luma 16, 36, 56 and so on, so that they stay distinct after encoding and scaling.
 */
const DARKEST = 16;
const STEP = 20;
const LEVELS = 10;

/** Default size of a grey picture, in pixels. */
export const SMALL: Size = { width: 96, height: 64 };

/**
 * A frame of one grey level, from 0 (black) to 9.
 *
 * @throws TestingError for another level.
 */
export function greyFrame(level: number, { width, height }: Size = SMALL): VideoFrame {
  if (!Number.isInteger(level) || level < 0 || level >= LEVELS)
    throw new TestingError(
      'picture',
      `there is no grey level ${level}`,
      `use a whole number from 0 to ${LEVELS - 1}`,
    );
  const chroma = ((width + 1) >> 1) * ((height + 1) >> 1);
  const pixels = new Uint8Array(width * height + 2 * chroma).fill(128);
  pixels.fill(DARKEST + level * STEP, 0, width * height);
  return new VideoFrame(pixels, width, height, VideoBufferType.I420);
}

/** The level of a grey value of an RGB picture, 0 to 255; `undefined` above the brightest level. */
export function nearestLevel(grey: number): number | undefined {
  // RGB has the full range, luma 16 to 235.
  const level = Math.round((grey * 219) / 255 / STEP);
  return level < LEVELS ? level : undefined;
}

/** The level of a luma value of a frame. */
export const levelOfLuma = (luma: number): number => Math.round((luma - DARKEST) / STEP);
