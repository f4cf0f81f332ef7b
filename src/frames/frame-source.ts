import type { VideoFrame, VideoRotation, VideoTrack } from '@livekit/rtc-node';
import type { LumaPicture } from './luma.ts';

/** A frame as a source delivers it. Its pixels are copied only on request. */
export interface SourceFrame {
  readonly width: number;
  readonly height: number;
  /** Clockwise rotation that makes the picture upright. */
  readonly rotation: VideoRotation;
  /**
   * Whether the frame is black, like the server's last frame before a pause. It reads some
   * positions without a copy. Do not call it after `release`.
   */
  isBlack(): boolean;
  /**
   * A small grey picture of the frame; copies only the rows that it needs. `undefined` for a format
   * without a luma plane. Do not call it after `release`.
   */
  luma?(width: number, height: number): LumaPicture | undefined;
  /** The pixels. Do not call it after `release`. */
  read(): VideoFrame;
  /**
   * The pixels in memory that nothing else has, if that takes one copy. Do not call it after
   * `release`.
   */
  take?(): VideoFrame;
  /** Frees the frame's memory. Call it exactly once. */
  release(): void;
}

export interface FrameSourceHandlers {
  onFrame(frame: SourceFrame): void;
  /** The track ended by itself, or became unreadable. Not called after `close`. */
  onEnd(error?: Error): void;
}

/** A track that is being read. */
export interface FrameSource {
  /** How the frames are read, for `metrics()`. */
  readonly via: 'native-tap' | 'video-stream';
  /** Reads nothing until `read`, if that costs less than to read. */
  rest?(): void;
  /** Ends a rest. Returns whether there was one. */
  read?(): boolean;
  /** Stops reading; no frame is delivered after the call. Idempotent. */
  close(): Promise<void>;
}

export type OpenFrameSource = (track: VideoTrack, handlers: FrameSourceHandlers) => FrameSource;
