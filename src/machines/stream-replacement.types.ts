import type { StreamStatus, TrackPick } from '../source.ts';
import type { Parent } from './parent.types.ts';

export interface StreamReplacementInput {
  parent: Parent<StreamReplacementReport>;
  /** How long an open may take, in ms. */
  openTimeoutMs: number;
  /** How long a close may take, in ms. After that the next stream is opened anyway. */
  closeTimeoutMs: number;
  /** First wait after a failed open, in ms; doubles each time. */
  retryBaseMs: number;
  /** Longest wait between two opens, in ms. */
  retryMaxMs: number;
  /** Failed opens of one pick in a row before it is given up. */
  maxAttempts: number;
  /** Time without a frame after which a stream is stalled, in ms. */
  stallAfterMs: number;
}

export interface StreamReplacementContext extends StreamReplacementInput {
  /** The track that should be watched. */
  wanted: TrackPick | null;
  /** The track that the open stream shows. */
  current: TrackPick | null;
  /** Number of the newest stream; events of every other stream are stale. */
  streamId: number;
  /** Failed opens of this pick in a row. */
  failures: number;
  lastError: string | null;
  switches: number;
  stalls: number;
  /** Number of events of streams that were closed already. */
  staleEvents: number;
}

export type StreamReplacementEvent =
  | { type: 'pick.changed'; pick: TrackPick | null }
  | { type: 'stream.opened'; streamId: number }
  | { type: 'stream.openFailed'; streamId: number; error: string }
  | { type: 'stream.frame'; streamId: number; afterMs?: number; gapMs?: number }
  | { type: 'stream.ended'; streamId: number }
  | { type: 'stream.closed'; streamId: number }
  | { type: 'video.paused' }
  | { type: 'video.resumed' };

/** What the machine requests from its parent, and reports. */
export type StreamReplacementReport =
  | { type: 'stream.openRequested'; streamId: number; pick: TrackPick }
  | { type: 'stream.closeRequested'; streamId: number }
  | {
      type: 'streamStatus.changed';
      streamStatus: StreamStatus;
      pick: TrackPick | null;
      error: string | null;
    };
