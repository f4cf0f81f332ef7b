import type { VideoFrame, VideoRotation } from '@livekit/rtc-node';
import type { FrameRef } from '../frame.ts';
import type { Region } from '../processors/region.ts';
import { takenAway } from './consent.ts';
import { type EncodedImage, type EncodeOptions, encodeFrame } from './encode.ts';

/** A copy of a frame for the application. It stays valid. */
export interface SeenFrame extends FrameRef {
  /** The pixels as delivered, not rotated; behind `input.processors`, upright. */
  readonly frame: VideoFrame;
  /** Clockwise rotation that makes the picture upright. */
  readonly rotation: VideoRotation;
  /** The part of the frame that this is; `undefined` for a whole frame. */
  readonly region?: Region;
  /** With a region: whether a model was shown this frame before. `false` for a fresh frame. */
  readonly wasShown?: boolean;
  /**
   * Encodes the frame, upright and off the event loop.
   * @throws EncodeError, OptionError; LookError if the video was switched off, or the track ended,
   * after the frame was taken.
   */
  encode(options?: EncodeOptions): Promise<EncodedImage>;
}

/** The frame for the application. */
export function seenFrame(
  { ref, frame, rotation }: Pick<SeenFrame, 'frame' | 'rotation'> & { ref: FrameRef },
  isValid: () => boolean,
): SeenFrame {
  return {
    ...ref,
    frame,
    rotation,
    encode: async (options) => {
      if (!isValid()) throw takenAway();
      const image = await encodeFrame({ frame, rotation }, options);
      if (!isValid()) throw takenAway();
      return image;
    },
  };
}
