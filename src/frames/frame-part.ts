import type { VideoFrame } from '@livekit/rtc-node';
import { coveredPixels, outsideError, type Region } from '../processors/region.ts';
import { edited, upright } from './frame-edit.ts';
import { WHOLE } from './picture-place.ts';
import type { ShownFrame } from './processed-frames.ts';

/** The part of a frame that is wanted, and its largest size. */
export interface FramePart {
  /** @defaultValue the whole frame */
  readonly region?: Region | undefined;
  /** Largest side, in pixels. A smaller part is not enlarged. @defaultValue none */
  readonly maxSize?: number | undefined;
}

/**
 * The part of the frame, upright, in the frame's own resolution unless it exceeds the largest size.
 * @throws OptionError for a region outside the picture.
 */
export async function partOf(
  { frame, rotation }: Pick<ShownFrame, 'frame' | 'rotation'>,
  { region, maxSize }: FramePart,
): Promise<VideoFrame> {
  const whole = await upright(frame, rotation);
  const part = region ?? WHOLE;
  const pixels = coveredPixels('region', part, whole);
  if (!pixels) throw outsideError('region', part);
  const largest = Math.max(pixels.width, pixels.height);
  return edited(whole, (image) => {
    const cut = image.extract(pixels);
    if (maxSize === undefined || largest <= maxSize) return cut;
    return cut.resize(maxSize, maxSize, { fit: 'inside', kernel: 'cubic' });
  });
}
