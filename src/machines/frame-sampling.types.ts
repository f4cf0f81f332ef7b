import type { SamplingMode, SourceId } from '../source.ts';
import type { Parent } from './parent.types.ts';

/** Why a sample was not sent. The last six reasons come from the model sink, the others from us. */
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
  /** Whether the model takes frames between turns. */
  sink: 'model' | 'none';
  /** Time between two samples in ms; `null` if a custom sampler decides, or if none are taken. */
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
  /** The model changed; `none`: it takes no frames between turns. */
  | { type: 'sink.changed'; sink: FrameSamplingInput['sink'] }
  | { type: 'user.speaking' }
  | { type: 'user.silent' }
  /** Take the newest frame. `byRate`: the sampler's interval has elapsed. */
  | { type: 'sample.due'; byRate?: true }
  /** Take the next frame that arrives, because the newest one is too old. */
  | { type: 'sample.awaited' }
  | { type: 'sampler.failed'; error: string };

/** What frame sampling reports to its parent. */
export type FrameSamplingReport =
  | { type: 'sample.sent'; frameId: number }
  | { type: 'sample.skipped'; frameId: number | null; reason: SkipReason }
  | { type: 'rate.changed'; intervalMs: number | null }
  /** A sample is due by the rate; the next one follows after one interval. */
  | { type: 'rate.tick' }
  | { type: 'sampler.failed'; error: string };

/** A frame that was taken and encoded; `null` if there is none newer than the last one. */
export type CaptureResult = { frameId: number } | null;
export type PushOutcome = { result: 'sent' | SkipReason };

/** The source whose frames an actor works on. */
export interface OfSource {
  sourceId: SourceId;
}
export interface SamplerInput extends OfSource {
  user: 'speaking' | 'silent';
}
