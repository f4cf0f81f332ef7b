import type { VideoFrame } from '@livekit/rtc-node';
import sharp, { type Sharp } from 'sharp';
import { rgbFrame, withRgb } from '../frames/frame-copy.ts';

/** The frame after an edit by sharp, off the event loop: RGB24. */
export async function edited(
  frame: VideoFrame,
  edit: (image: Sharp) => Sharp | Promise<Sharp>,
): Promise<VideoFrame> {
  const { width, height } = frame;
  return withRgb(frame, async (rgb) => {
    const image = await edit(sharp(rgb, { raw: { width, height, channels: 3 } }));
    const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return rgbFrame(data, info.width, info.height);
  });
}
