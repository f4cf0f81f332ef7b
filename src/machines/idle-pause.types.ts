import type { Parent } from './parent.types.ts';

export interface IdlePauseInput {
  parent: Parent<IdlePauseReport>;
  /** Whether the server may stop sending a camera's video between samples that are far apart. */
  isWanted: boolean;
  /** Shortest time between two samples for which a pause is worthwhile, in ms. */
  minIntervalMs: number;
  /**
   * How long before the next sample the video is resumed, in ms. It follows the measured wake times
   * within these limits, and starts with the longest.
   */
  leadMs: { longest: number; shortest: number };
  /** How long the first frame may take after that, in ms. */
  wakeTimeoutMs: number;
  /** When the stream of a camera is not read between two samples, although the server sends it. */
  rest: {
    /** Shortest time between two samples for which a rest is worthwhile, in ms. */
    shortestMs: number;
    /** Longest one: nothing should be as old as that while the camera is on, in ms. */
    longestMs: number;
    /** How long before the next sample the stream is read again, in ms. */
    leadMs: number;
    /** Longest time between two frames of a stream that may rest, in ms. */
    maxFrameGapMs: number;
  };
}

export interface IdlePauseContext extends IdlePauseInput {
  /** Whether the stream shows a screen. */
  isScreen: boolean;
  /** Time between two samples at the current rate, in ms; `null` if there is no rate. */
  intervalMs: number | null;
  pauses: number;
  /** Times from resuming the video to its first frame, of the last wakes, in ms. */
  wakesMs: number[];
  failedWakes: number;
  /** Number of consumers that need every frame; no pause and no rest while it is above 0. */
  holds: number;
  /** Time between two frames when they were counted last, in ms; `null` if they were not. */
  frameGapMs: number | null;
}

export type IdlePauseEvent =
  /** The rate of sampling changed. */
  | { type: 'rate.changed'; intervalMs: number | null }
  /**
   * A sample is due by the rate. The next one follows after one interval, however long this one
   * takes.
   */
  | { type: 'rate.tick' }
  /** A sample ended, with or without a frame. */
  | { type: 'sample.done' }
  /** A frame is needed now. */
  | { type: 'frame.needed' }
  /**
   * Frames arrive. `afterMs`: for the first frame after a pause, how long it took, in ms. `gapMs`: the
   * mean time between the last frames, in ms.
   */
  | { type: 'stream.frame'; afterMs?: number; gapMs?: number }
  /** The stream was replaced, or ended. `isScreen`: the next one shows a screen. */
  | { type: 'stream.replaced'; isScreen: boolean }
  /** A consumer needs every frame, until its `flow.released`. */
  | { type: 'flow.held' }
  | { type: 'flow.released' }
  /** The application took the newest frame, and may take the next ones. */
  | { type: 'flow.wanted' };

/** What the machine requests from the stream, and reports. */
export type IdlePauseReport =
  | { type: 'video.pauseRequested' }
  | { type: 'video.resumeRequested' }
  | { type: 'video.restRequested' }
  | { type: 'video.readRequested' }
  | { type: 'video.pauseGivenUp'; waitedMs: number };
