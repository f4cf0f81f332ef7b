import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { frameLuma } from '../../src/frames/frame-luma.ts';

/** A frame with a left half of this color and a black right half, in this order of its bytes. */
function half(type: 'RGB24' | 'RGBA' | 'BGRA', color: readonly number[]): VideoFrame {
  const [width, height, bytes] = [8, 4, color.length];
  const data = new Uint8Array(width * height * bytes);
  for (let pixel = 0; pixel < width * height; pixel++)
    if (pixel % width < width / 2) data.set(color, pixel * bytes);
  return new VideoFrame(data, width, height, VideoBufferType[type]);
}

test.each([
  ['red', 'RGB24', [255, 0, 0], 76],
  ['green', 'RGB24', [0, 255, 0], 149],
  ['blue', 'RGB24', [0, 0, 255], 28],
  ['white', 'RGBA', [255, 255, 255, 255], 255],
  ['red', 'BGRA', [0, 0, 255, 255], 76],
] as const)(
  '%s of a frame of format %s is as bright as the eye sees it',
  (_, type, color, level) => {
    const { means } = frameLuma(half(type, color), 2, 1);
    expect([...means]).toEqual([level, 0]);
  },
);
