import { OptionError } from './errors.ts';
import type { SourceKind } from './machines/track-discovery.types.ts';

/** What a sampler decides on. Times are in ms. */
export interface SampleContext {
  /** When the frame was received, in ms since the epoch. */
  readonly now: number;
  readonly source: SourceKind;
  readonly width: number;
  readonly height: number;
  readonly user: 'speaking' | 'silent';
  readonly agent: 'initializing' | 'idle' | 'listening' | 'thinking' | 'speaking';
  /** Since the frame that was taken last; `null` before the first. */
  readonly sinceLastMs: number | null;
}

/** Intervals between samples in ms; `Infinity` for never. */
export interface SampleIntervals {
  readonly speaking: number;
  readonly silent: number;
}

/**
 * Decides for each frame whether the model gets it. Called with every frame that comes, unless it
 * has `intervals`: then it is a rate, kept by a clock, and between two samples the video may be
 * paused at the server.
 */
export interface Sampler {
  (context: SampleContext): boolean;
  readonly intervals?: SampleIntervals;
}

/**
 * The default: a rate that follows the user's voice.
 *
 * @param options.speakingFps - Frames a second while the user speaks. 0 for none.
 * @param options.silentFps - Frames a second otherwise.
 * @throws OptionError
 */
export function voiceActivitySampler({
  speakingFps = 1,
  silentFps = 1 / 3,
}: {
  speakingFps?: number;
  silentFps?: number;
} = {}): Sampler {
  return rateSampler({
    speaking: interval('speakingFps', speakingFps),
    silent: interval('silentFps', silentFps),
  });
}

/**
 * The same rate whoever speaks.
 *
 * @param fps - Frames a second. 0 for none.
 * @throws OptionError
 */
export function fixedRate(fps: number): Sampler {
  const every = interval('fps', fps);
  return rateSampler({ speaking: every, silent: every });
}

/** Every frame that the model can take: the next one goes when the one before is done. */
export function everyFrame(): Sampler {
  return () => true;
}

function rateSampler(intervals: SampleIntervals): Sampler {
  const isDue = ({ sinceLastMs, user }: SampleContext) =>
    sinceLastMs === null ? Number.isFinite(intervals[user]) : sinceLastMs >= intervals[user];
  return Object.assign(isDue, { intervals });
}

function interval(option: string, fps: number): number {
  if (typeof fps !== 'number' || !(fps >= 0 && fps <= 60))
    throw new OptionError(option, fps, 'use frames a second from 0 to 60');
  return fps === 0 ? Number.POSITIVE_INFINITY : 1000 / fps;
}
