import { VideoBufferType, VideoFrame, type VideoRotation } from '@livekit/rtc-node';
import type { Sharp } from 'sharp';
import { opened, pixels, type RgbPicture } from './encode-enlarge.ts';
import { rgbOf } from './pixels.ts';
import { checkedLayout } from './pixels-layout.ts';
import { withMemory } from './pixels-memory.ts';

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
export const copyOf = ({
  data,
  width,
  height,
  type,
}: Pick<VideoFrame, 'data' | 'width' | 'height' | 'type'>): VideoFrame =>
  // rtc-node ignores the offset of an array within its buffer, so the copy has none.
  new VideoFrame(Uint8Array.from(data), width, height, type);

/** An RGB24 frame of the picture. */
export const rgbFrame = ({ rgb, width, height }: RgbPicture): VideoFrame =>
  copyOf({ data: rgb, width, height, type: VideoBufferType.RGB24 });

/** The frame after `paint` has changed its pixels in place: RGB24. */
export const painted = (
  frame: VideoFrame,
  paint: (picture: RgbPicture) => Promise<void>,
): Promise<VideoFrame> =>
  withMemory(async (memory) => {
    const { width, height } = frame;
    const picture = { rgb: rgbOf(frame, memory), width, height };
    await paint(picture);
    return rgbFrame(picture);
  });

/** The frame after an edit by sharp, off the event loop: RGB24. */
export const edited = (
  frame: VideoFrame,
  edit: (image: Sharp) => Sharp | Promise<Sharp>,
): Promise<VideoFrame> =>
  withMemory(async (memory) => {
    const { width, height } = frame;
    const image = await edit(opened({ rgb: rgbOf(frame, memory), width, height }));
    return rgbFrame(await pixels(image.removeAlpha()));
  });

/** The frame as it needs no rotation: itself, or a copy. */
export const upright = async (frame: VideoFrame, rotation: VideoRotation): Promise<VideoFrame> =>
  // The constant is the number of clockwise quarter turns.
  rotation === 0 ? frame : edited(frame, (image) => image.rotate(rotation * 90));
