import { FIXED_RATE, ON_CHANGE, VOICE_ACTIVITY_SAMPLER } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { filled } from '../option-table.ts';
import { SceneChange, sceneSizeOf } from '../scene/scene-change.ts';
import type { SourceKind } from '../source.ts';
import { perSource } from './per-source.ts';
import {
  LOOK_EVERY_MS,
  type SampleContext,
  type SampleIntervals,
  type Sampler,
} from './sampler.ts';

/**
 * The default: a rate that follows the user's voice.
 *
 * @throws OptionError
 */
export function voiceActivitySampler(
  options: {
    /** Frames per second while the user speaks; 0 for none. @defaultValue 1 */
    speakingFps?: number;
    /** Frames per second otherwise; 0 for none. @defaultValue 1/3 */
    silentFps?: number;
  } = {},
): Sampler {
  const { speakingFps, silentFps } = filled('', options, VOICE_ACTIVITY_SAMPLER);
  return rateSampler({ speaking: intervalOf(speakingFps), silent: intervalOf(silentFps) });
}

/**
 * One rate, whether the user speaks or not.
 *
 * @param fps - Frames per second. 0 for none.
 * @throws OptionError
 */
export function fixedRate(fps: number): Sampler {
  const every = intervalOf(FIXED_RATE.fps.check('fps', fps));
  return rateSampler({ speaking: every, silent: every });
}

/** Every frame that the model can take: the next one is sent when the previous one is done. */
export function everyFrame(): Sampler {
  return () => true;
}

/**
 * Follows the scene: frames are sent while it changes and once after it has settled, and rarely
 * otherwise. Noise, slow changes of light and small moving things do not count. On a screen, a
 * changed line of text counts; a blinking cursor and a clock do not. If the frames have no readable
 * luma, it is a fixed rate of `maxFps`, so that no change is missed. Create one for each session.
 *
 * @throws OptionError
 */
export function onChange(
  options: {
    /**
     * Share of the picture that must differ, 0.005 to 1.
     * @defaultValue 0.03; for a screen, one line of text
     */
    threshold?: number;
    /** Frames per second during a change. @defaultValue 1 */
    maxFps?: number;
    /** Frames per second while nothing changes; 0 for none. @defaultValue 1/30 */
    minFps?: number;
  } = {},
): Sampler {
  const { threshold, maxFps, minFps } = filled('', options, ON_CHANGE);
  const shortestMs = intervalOf(maxFps);
  const longestMs = intervalOf(minFps);
  if (!(longestMs >= shortestMs))
    throw new OptionError('minFps', minFps, 'use a rate that is not above maxFps');
  return perSource(() => {
    const change = new SceneChange({ threshold });
    let seen: { at: number; source: SourceKind } | undefined;
    // A change is shown even if it ends before the rate allows a frame.
    let unshown = true;
    let decidedAt = Number.NEGATIVE_INFINITY;
    return ({ now, source, sinceLastMs, sinceSentMs, luma }) => {
      // There was no connection or it was lost, or the budget was used up.
      if (sinceSentMs === null || now - sinceSentMs < decidedAt) unshown = true;
      if (!luma) unshown = true;
      else if (!seen || seen.source !== source || now - seen.at >= LOOK_EVERY_MS || now < seen.at) {
        if (seen && seen.source !== source) unshown = true;
        const { width, height } = sceneSizeOf(source);
        const picture = luma(width, height);
        seen = { at: now, source };
        if (!picture) unshown = true;
        else {
          const { changed, settled } = change.see(picture, now, source);
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
  });
}

function rateSampler(intervals: SampleIntervals): Sampler {
  const isDue = ({ sinceLastMs, user }: SampleContext) =>
    sinceLastMs === null ? Number.isFinite(intervals[user]) : sinceLastMs >= intervals[user];
  return Object.assign(isDue, { intervals });
}

/** In ms. */
const intervalOf = (fps: number): number => (fps === 0 ? Number.POSITIVE_INFINITY : 1000 / fps);
