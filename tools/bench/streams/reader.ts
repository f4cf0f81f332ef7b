import type { VideoFrame } from '@livekit/rtc-node';
import type { EncodeOptions } from '../../../src/frames/encode.ts';
import { FRAME_SIZES } from '../result.ts';
import type { Stream } from './subscription.ts';

/** A picture for a model, as in the bench of the frames. */
export const PICTURE: EncodeOptions = {
  format: 'jpeg',
  quality: 75,
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
};

/** The counts of a reader since its start. */
export interface Counts {
  frames: number;
  /** Frames that have the size that was sent. */
  fullSize: number;
  pictures: number;
  /** From each resume of a paused video to its first frame, in ms. */
  wakesMs: number[];
}

/** Reads a stream until it is closed, and encodes some of its frames. */
export interface Reader {
  close(): Promise<void>;
}

export type OpenReader = (stream: Stream, counts: Counts) => Reader;

export function count({ width }: Pick<VideoFrame, 'width'>, counts: Counts): void {
  counts.frames++;
  if (width === FRAME_SIZES['720p'].width) counts.fullSize++;
}
