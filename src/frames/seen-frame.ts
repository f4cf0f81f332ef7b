import type { VideoFrame, VideoRotation } from '@livekit/rtc-node';
import { LookError } from '../errors.ts';
import type { FrameRef } from '../frame.ts';
import { type EncodedImage, type EncodeOptions, encodeFrame } from './encode.ts';
import type { PinnedFrame } from './newest-frame.ts';

/** A frame in the application's hands: a copy, that stays valid. */
export interface SeenFrame extends FrameRef {
  /** The pixels as they came, turned by `rotation`. */
  readonly frame: VideoFrame;
  /** How far the picture has to be turned clockwise to stand upright. */
  readonly rotation: VideoRotation;
  /**
   * Encodes it, upright and off the event loop.
   * @throws EncodeError, OptionError; LookError if the video went off, or the track was taken away,
   * since the frame was taken.
   */
  encode(options?: EncodeOptions): Promise<EncodedImage>;
}

/** The error for a frame that may no longer be shown. */
export const takenAway = () =>
  new LookError('off', 'what the frame shows was switched off or taken away since it was taken');

/** Takes the pixels out of the slot for the application; ends the use. */
export function seenFrame(pinned: PinnedFrame, isValid: () => boolean): SeenFrame {
  const frame = pinned.read();
  const rotation = pinned.rotation;
  pinned.done('sent');
  return {
    ...pinned.ref,
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
