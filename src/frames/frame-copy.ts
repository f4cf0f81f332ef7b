import { VideoBufferType, VideoFrame, type VideoRotation } from '@livekit/rtc-node';
import sharp from 'sharp';
import { rgbOf } from './pixels.ts';
import { checkedLayout } from './pixels-layout.ts';
import { borrowMemory, giveBack } from './pixels-memory.ts';

/** A frame of any copy of rtc-node, whose size, format and length match. */
export function isVideoFrame(value: unknown): value is VideoFrame {
  if (typeof value !== 'object' || value === null || !('data' in value)) return false;
  try {
    checkedLayout(value as VideoFrame);
    return true;
  } catch {
    return false;
  }
}

/** The same pixels in memory of their own. */
export const copyOf = ({ data, width, height, type }: VideoFrame): VideoFrame =>
  // rtc-node ignores the offset of an array within its buffer, so the copy has none.
  new VideoFrame(Uint8Array.from(data), width, height, type);

/** An RGB24 frame of these pixels. */
export const rgbFrame = (pixels: Uint8Array, width: number, height: number): VideoFrame =>
  new VideoFrame(Uint8Array.from(pixels), width, height, VideoBufferType.RGB24);

/** What `read` makes of the frame's RGB24 pixels; it must not keep them. */
export async function withRgb<T>(
  frame: VideoFrame,
  read: (rgb: Buffer) => Promise<T> | T,
): Promise<T> {
  const memory = borrowMemory();
  try {
    return await read(rgbOf(frame, memory));
  } finally {
    giveBack(memory);
  }
}

/** A copy of the frame that needs no rotation. */
export async function uprightCopy(frame: VideoFrame, rotation: VideoRotation): Promise<VideoFrame> {
  if (rotation === 0) return copyOf(frame);
  const { width, height } = frame;
  return withRgb(frame, async (rgb) => {
    const { data, info } = await sharp(rgb, { raw: { width, height, channels: 3 } })
      // The constant is the number of clockwise quarter turns.
      .rotate(rotation * 90)
      .raw()
      .toBuffer({ resolveWithObject: true });
    return rgbFrame(data, info.width, info.height);
  });
}
