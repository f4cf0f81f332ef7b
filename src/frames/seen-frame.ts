import type { VideoFrame, VideoRotation } from '@livekit/rtc-node';
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
   * @throws EncodeError, OptionError
   */
  encode(options?: EncodeOptions): Promise<EncodedImage>;
}

/** Takes the pixels out of the slot for the application; ends the use. */
export function seenFrame(pinned: PinnedFrame): SeenFrame {
  const frame = pinned.read();
  const rotation = pinned.rotation;
  pinned.done('sent');
  return {
    ...pinned.ref,
    frame,
    rotation,
    encode: (options) => encodeFrame({ frame, rotation }, options),
  };
}
