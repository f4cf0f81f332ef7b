import { FIXED_RATE, ON_CHANGE, VOICE_ACTIVITY_SAMPLER } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import type { LumaPicture } from '../frames/luma.ts';
import { filled } from '../option-table.ts';
import { SCENE_SIZE, SceneChange } from '../scene/scene-change.ts';
import type { SourceKind } from '../source.ts';

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
 * @throws OptionError
 */
export function voiceActivitySampler(
  options: {
    /** Frames a second while the user speaks; 0 for none. @defaultValue 1 */
    speakingFps?: number;
    /** Frames a second otherwise; 0 for none. @defaultValue 1/3 */
    silentFps?: number;
  } = {},
): Sampler {
  const { speakingFps, silentFps } = filled('', options, VOICE_ACTIVITY_SAMPLER);
  return rateSampler({ speaking: intervalOf(speakingFps), silent: intervalOf(silentFps) });
}

/**
 * The same rate whoever speaks.
 *
 * @param fps - Frames a second. 0 for none.
 * @throws OptionError
 */
export function fixedRate(fps: number): Sampler {
  const every = intervalOf(FIXED_RATE.fps.check('fps', fps));
  return rateSampler({ speaking: every, silent: every });
}

/** Every frame that the model can take: the next one goes when the one before is done. */
export function everyFrame(): Sampler {
  return () => true;
}

/** Frames are looked at this far apart at most, in ms: a change lasts longer. */
const LOOK_EVERY_MS = 100;

/**
 * The scene decides: frames go while it changes and once more when it is quiet again, and seldom
 * otherwise. Noise, slow light and small things that move are no change. Where the luma of frames
 * can't be seen it is a fixed rate of `maxFps`: no change is missed. One for each session.
 *
 * @throws OptionError
 */
export function onChange(
  options: {
    /** Share of the picture that has to be different, 0.005 to 1. @defaultValue 0.03 */
    threshold?: number;
    /** Frames a second while it changes. @defaultValue 1 */
    maxFps?: number;
    /** Frames a second while nothing happens; 0 for none. @defaultValue 1/30 */
    minFps?: number;
  } = {},
): Sampler {
  const { threshold, maxFps, minFps } = filled('', options, ON_CHANGE);
  const shortestMs = intervalOf(maxFps);
  const longestMs = intervalOf(minFps);
  if (!(longestMs >= shortestMs))
    throw new OptionError('minFps', minFps, 'use a rate that is not above maxFps');
  const change = new SceneChange({ threshold });
  let seen: { at: number; source: SourceKind } | undefined;
  // A change is shown even if it is over when the rate allows a frame.
  let unshown = true;
  let decidedAt = Number.POSITIVE_INFINITY;
  return ({ now, source, sinceLastMs, luma }) => {
    // What was decided is not always done: a budget may have been spent.
    if (decidedAt <= now && (sinceLastMs ?? Number.POSITIVE_INFINITY) > now - decidedAt)
      unshown = true;
    decidedAt = Number.POSITIVE_INFINITY;
    if (!luma) unshown = true;
    else if (!seen || seen.source !== source || now - seen.at >= LOOK_EVERY_MS || now < seen.at) {
      if (seen && seen.source !== source) {
        change.reset();
        unshown = true;
      }
      const picture = luma(SCENE_SIZE.width, SCENE_SIZE.height);
      seen = { at: now, source };
      if (!picture) unshown = true;
      else {
        const { changed, settled } = change.see(picture, now);
        unshown ||= changed || settled;
      }
    }
    const wanted = unshown || change.scene === 'changing';
    const isDue =
      (wanted && (sinceLastMs ?? shortestMs) >= shortestMs && Number.isFinite(shortestMs)) ||
      (sinceLastMs ?? 0) >= longestMs;
    if (isDue) {
      unshown = false;
      decidedAt = now;
    }
    return isDue;
  };
}

/** Whether a function that makes a sampler was given uncalled. As a sampler it would be `true`. */
export const isMakerOfSamplers = (value: unknown): value is { readonly name: string } =>
  [voiceActivitySampler, fixedRate, everyFrame, onChange].some((maker) => maker === value);

function rateSampler(intervals: SampleIntervals): Sampler {
  const isDue = ({ sinceLastMs, user }: SampleContext) =>
    sinceLastMs === null ? Number.isFinite(intervals[user]) : sinceLastMs >= intervals[user];
  return Object.assign(isDue, { intervals });
}

/** In ms. */
const intervalOf = (fps: number): number => (fps === 0 ? Number.POSITIVE_INFINITY : 1000 / fps);
