import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import { imageFile, type PictureLike, unreadable } from '../pictures/picture.ts';

/**
 * A picture as a camera sends it, upright.
 *
 * @param size - In pixels. It is scaled to fit, its shape is kept.
 * @throws TestingError if it is no picture.
 */
export async function pictureFrame(
  picture: PictureLike,
  { width, height }: { readonly width?: number; readonly height?: number } = {},
): Promise<VideoFrame> {
  const file = await imageFile(picture);
  try {
    const image = sharp(file).autoOrient().toColourspace('srgb').ensureAlpha();
    if (width !== undefined || height !== undefined) image.resize({ width, height, fit: 'inside' });
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    // VideoFrame reads its whole ArrayBuffer, and sharp's buffer may be a slice of a larger one.
    const pixels = Uint8Array.from(data);
    const frame = new VideoFrame(pixels, info.width, info.height, VideoBufferType.RGBA);
    return frame.convert(VideoBufferType.I420);
  } catch (error) {
    throw unreadable(file, error);
  }
}
