import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import { imageFile, type PictureLike, unreadable } from '../pictures/picture.ts';

/**
 * A picture as a camera sends it, upright.
 *
 * @param size - In pixels. The picture is scaled to fit and keeps its aspect ratio.
 * @throws TestingError if the picture cannot be read; OptionError for a value of another type.
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
