import type { LumaPicture } from '../frames/luma.ts';
import type { SourceId, SourceKind } from '../source.ts';

/** Samplers that compare pictures look at a frame this often at most, in ms: a change lasts longer. */
export const LOOK_EVERY_MS = 100;

/** What a sampler decides on. Times are in ms. */
export interface SampleContext {
  /** In ms since the epoch. */
  readonly now: number;
  readonly source: SourceKind;
  /** Names the source: the same for each frame of one source of the session. */
  readonly sourceId: SourceId;
  readonly width: number;
  readonly height: number;
  readonly user: 'speaking' | 'silent';
  readonly agent: 'initializing' | 'idle' | 'listening' | 'thinking' | 'speaking';
  /** Since the frame that was taken last; `null` before the first. */
  readonly sinceLastMs: number | null;
  /** Since the model's connection got a frame of this source; `null` if it has got none. */
  readonly sinceSentMs: number | null;
  /**
   * A small grey picture of the frame, made when it is asked for: what {@link onChange} looks at.
   * `undefined` where frames of this format have none.
   */
  readonly luma?: (width: number, height: number) => LumaPicture | undefined;
}

/** Intervals between samples in ms; `Infinity` for never. */
export interface SampleIntervals {
  readonly speaking: number;
  readonly silent: number;
}

/**
 * Decides for each frame whether the model gets it. Called with every frame that arrives, and again
 * with a newest frame that it did not take while no other one arrives. A sampler with `intervals` is
 * a rate, kept by a clock: it is not called, and between two samples the video may be paused at the
 * server.
 */
export interface Sampler {
  (context: SampleContext): boolean;
  readonly intervals?: SampleIntervals;
}
