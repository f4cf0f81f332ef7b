import type { VideoFrame, VideoRotation, VideoTrack } from '@livekit/rtc-node';
import type { LumaPicture } from './luma.ts';

/** A frame as a source delivers it: the pixels are copied only when somebody wants them. */
export interface SourceFrame {
  readonly width: number;
  readonly height: number;
  /** How far the picture has to be turned clockwise to stand upright. */
  readonly rotation: VideoRotation;
  /**
   * Whether it is black all over, which is what the server's last frame before a pause is: looked
   * at in some places, without a copy. Not after `release`.
   */
  isBlack(): boolean;
  /**
   * A small grey picture of it: only the rows that it is made of are copied. `undefined` for a
   * format without a luma plane. Not after `release`.
   */
  luma?(width: number, height: number): LumaPicture | undefined;
  /** The pixels. Not after `release`. */
  read(): VideoFrame;
  /** Gives the memory back. Called exactly once. */
  release(): void;
}

export interface FrameSourceHandlers {
  onFrame(frame: SourceFrame): void;
  /** The track ended by itself, or could not be read any more. Not called after `close`. */
  onEnd(error?: Error): void;
}

/** One open reading of a track. */
export interface FrameSource {
  /** Which way the frames come, for `metrics()`. */
  readonly via: 'native-tap' | 'video-stream';
  /** Ends it; no frame is delivered after the call. Idempotent. */
  close(): Promise<void>;
}

export type OpenFrameSource = (track: VideoTrack, handlers: FrameSourceHandlers) => FrameSource;
