import type { VideoFrame } from '@livekit/rtc-node';
import sharp, { type Sharp } from 'sharp';
import { OptionError } from '../errors.ts';
import type { EncodedImage } from '../frames/encode.ts';
import { pixels } from '../frames/encode-enlarge.ts';
import { edited, isVideoFrame, rgbFrame, upright } from '../frames/frame-edit.ts';
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
  const inBox = (frame: VideoFrame) => edited(frame, (image) => boxed(image, size));
  if (typeof picture === 'object' && picture !== null) {
    if (isSeenFrame(picture)) return inBox(await upright(picture.frame, picture.rotation));
    if (isVideoFrame(picture)) return inBox(picture);
    if ('mimeType' in picture && Buffer.isBuffer(picture.data))
      return rgbFrame(await pixels(boxed(sharp(picture.data).autoOrient(), size)));
  }
  throw new OptionError(
    'picture',
    picture,
    'give a frame of look(), a VideoFrame, or the result of encodeFrame()',
  );
}

const boxed = (image: Sharp, { width, height }: Size): Sharp =>
  image
    .flatten({ background: 'black' })
    .resize(width, height, { fit: 'contain', background: 'black' });
