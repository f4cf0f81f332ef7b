import type { Parent } from './parent.types.ts';

export interface IdlePauseInput {
  parent: Parent<IdlePauseReport>;
  /** Whether the video may be switched off at the server between far samples. */
  isWanted: boolean;
  /** Shortest time between two samples that is worth a pause, in ms. */
  minIntervalMs: number;
  /**
   * How long before the next sample the video is switched on again, in ms: the longest, which is
   * also the first one, and the shortest. Between them it follows what switching on took.
   */
  leadMs: { longest: number; shortest: number };
  /** How long the first frame may take after that, in ms. */
  wakeTimeoutMs: number;
}

export interface IdlePauseContext extends IdlePauseInput {
  /** Time between two samples at the rate of this moment, in ms; `null` where there is none. */
  intervalMs: number | null;
  pauses: number;
  /** What the last switchings on took until the first frame, in ms. */
  wakesMs: number[];
  failedWakes: number;
  /** How many want every frame: there are no pauses meanwhile. */
  holds: number;
}

export type IdlePauseEvent =
  /** The rate of sampling changed. */
  | { type: 'rate.changed'; intervalMs: number | null }
  /** A sample is due by the rate, and the next one an interval later, however long this takes. */
  | { type: 'rate.tick' }
  /** A sample was taken, or was in vain. */
  | { type: 'sample.done' }
  /** A frame is wanted now. */
  | { type: 'frame.needed' }
  /** The stream shows frames; of the first one after a pause, how long it took to come, in ms. */
  | { type: 'stream.frame'; afterMs?: number }
  /** Another stream, or none. */
  | { type: 'stream.replaced' }
  /** Somebody wants every frame, and does not any more: each who comes also goes. */
  | { type: 'flow.held' }
  | { type: 'flow.released' };

/** What it asks of the stream, and tells. */
export type IdlePauseReport =
  | { type: 'video.pauseRequested' }
  | { type: 'video.resumeRequested' }
  | { type: 'video.pauseGivenUp'; waitedMs: number };
