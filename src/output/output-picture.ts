import type { VideoFrame } from '@livekit/rtc-node';
import sharp, { type Sharp } from 'sharp';
import { OptionError } from '../errors.ts';
import type { EncodedImage } from '../frames/encode.ts';
import { isVideoFrame, rgbFrame, uprightCopy, withRgb } from '../frames/frame-copy.ts';
import type { Size } from '../frames/geometry.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';

/** What a `VideoOutput` shows. */
export type OutputPicture = SeenFrame | VideoFrame | EncodedImage;

export const isSeenFrame = (picture: OutputPicture): picture is SeenFrame =>
  'frame' in picture && isVideoFrame(picture.frame);

/**
 * The picture in exactly this size, with black bars, as RGB24.
 * @throws OptionError if it is no picture.
 */
export async function fitted(picture: OutputPicture, size: Size): Promise<VideoFrame> {
  if (typeof picture === 'object' && picture !== null) {
    if (isSeenFrame(picture))
      return ofFrame(await uprightCopy(picture.frame, picture.rotation), size);
    if (isVideoFrame(picture)) return ofFrame(picture, size);
    if ('mimeType' in picture && Buffer.isBuffer(picture.data))
      return boxed(sharp(picture.data).autoOrient(), size);
  }
  throw new OptionError(
    'picture',
    picture,
    'give a frame of look(), a VideoFrame, or the result of encodeFrame()',
  );
}

const ofFrame = (frame: VideoFrame, size: Size): Promise<VideoFrame> =>
  withRgb(frame, (rgb) => {
    const { width, height } = frame;
    return boxed(sharp(rgb, { raw: { width, height, channels: 3 } }), size);
  });

async function boxed(image: Sharp, { width, height }: Size): Promise<VideoFrame> {
  const { data } = await image
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .resize(width, height, { fit: 'contain', background: 'black' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return rgbFrame(data, width, height);
}
