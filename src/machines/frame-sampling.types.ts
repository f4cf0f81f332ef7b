import type { SamplingMode, SourceId } from '../source.ts';
import type { Parent } from './parent.types.ts';

/** Why a sample was not sent. The last six are the model sink's, the others ours. */
export type SkipReason =
  | 'busy'
  | 'off'
  | 'no-frame'
  | 'encode-failed'
  | 'push-failed'
  | 'overtaken'
  | 'not-connected'
  | 'restarting'
  | 'closed'
  | 'backpressure'
  | 'tool-pending'
  | 'refused';

export interface FrameSamplingInput {
  parent: Parent<FrameSamplingReport>;
  /** Whose frames are sampled. */
  sourceId: SourceId;
  mode: SamplingMode;
  /** Whether a model takes frames as they come. */
  sink: 'model' | 'none';
  /** Time between two samples in ms; `null` where a custom sampler decides, or for never. */
  intervals: { speakingMs: number | null; silentMs: number | null };
}

export interface FrameSamplingContext extends FrameSamplingInput {
  /** Frame that is being encoded or pushed. */
  frameId: number | null;
  sampled: number;
  sent: number;
  skipped: Partial<Record<SkipReason, number>>;
  samplerErrors: number;
}

export type FrameSamplingEvent =
  | { type: 'mode.set'; mode: SamplingMode }
  /** Another model, or none that takes frames as they come. */
  | { type: 'sink.changed'; sink: FrameSamplingInput['sink'] }
  | { type: 'user.speaking' }
  | { type: 'user.silent' }
  /** The newest frame is wanted; `byRate`: since the sampler's interval is over. */
  | { type: 'sample.due'; byRate?: true }
  /** Not of the newest frame, which is too old, but of the next one. */
  | { type: 'sample.awaited' }
  | { type: 'sampler.failed'; error: string };

/** What sampling tells its parent. */
export type FrameSamplingReport =
  | { type: 'sample.sent'; frameId: number }
  | { type: 'sample.skipped'; frameId: number | null; reason: SkipReason }
  | { type: 'rate.changed'; intervalMs: number | null }
  /** A sample is due by the rate: the next one an interval from now. */
  | { type: 'rate.tick' }
  | { type: 'sampler.failed'; error: string };

/** A frame that was taken and encoded; `null` where there was none newer than the last one. */
export type CaptureResult = { frameId: number } | null;
export type PushOutcome = { result: 'sent' | SkipReason };

/** Whose frames an actor of sampling works on. */
export interface OfSource {
  sourceId: SourceId;
}
export interface SamplerInput extends OfSource {
  user: 'speaking' | 'silent';
}
