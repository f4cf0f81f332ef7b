import type { LumaPicture } from '../frames/luma.ts';
import type { SourceId, SourceKind } from '../source.ts';

/** Samplers that compare pictures check a frame at most this often, in ms: changes last longer. */
export const LOOK_EVERY_MS = 100;

/** The input of a sampler. Times are in ms. */
export interface SampleContext {
  /** In ms since the epoch. */
  readonly now: number;
  readonly source: SourceKind;
  /** Id of the source, the same for all its frames in a session. */
  readonly sourceId: SourceId;
  readonly width: number;
  readonly height: number;
  readonly user: 'speaking' | 'silent';
  readonly agent: 'initializing' | 'idle' | 'listening' | 'thinking' | 'speaking';
  /** Time since the last frame that was taken; `null` before the first. */
  readonly sinceLastMs: number | null;
  /**
   * Time since the model's connection got a frame of this source; `null` if it got none, or its last one
   * was taken away since.
   */
  readonly sinceSentMs: number | null;
  /**
   * A small grey picture of that frame, 64x36, or 320x120 of a screen, whether the sampler took it or not: looks and typed turns
   * send frames too. `undefined` if there is none, or it had no luma.
   */
  readonly sentLuma?: LumaPicture | undefined;
  /**
   * Makes a small grey picture of the frame, as {@link onChange} uses it. `undefined` if the
   * frame's format has no luma.
   */
  readonly luma?: (width: number, height: number) => LumaPicture | undefined;
}

/** Intervals between samples in ms; `Infinity` for never. */
export interface SampleIntervals {
  readonly speaking: number;
  readonly silent: number;
}

/**
 * Decides for each frame whether the model gets it. It is called with every frame that arrives, and
 * again with the newest frame while no other one arrives. A sampler with `intervals` is a rate,
 * kept by a clock: it is not called, and the server may pause the video between two samples.
 */
export interface Sampler {
  (context: SampleContext): boolean;
  readonly intervals?: SampleIntervals;
}
