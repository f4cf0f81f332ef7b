import type { VideoFrame, VideoRotation } from '@livekit/rtc-node';
import type { FrameRef } from '../frame.ts';
import { takenAway } from './consent.ts';
import { type EncodedImage, type EncodeOptions, encodeFrame } from './encode.ts';
import type { PinnedFrame } from './newest-frame.ts';

/** A copy of a frame for the application. It stays valid. */
export interface SeenFrame extends FrameRef {
  /** The pixels as delivered, not rotated. */
  readonly frame: VideoFrame;
  /** Clockwise rotation that makes the picture upright. */
  readonly rotation: VideoRotation;
  /**
   * Encodes the frame, upright and off the event loop.
   * @throws EncodeError, OptionError; LookError if the video was switched off, or the track ended,
   * after the frame was taken.
   */
  encode(options?: EncodeOptions): Promise<EncodedImage>;
}

/** Copies the pixels from the slot for the application, and ends the use. */
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
