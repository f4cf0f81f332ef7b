import { ADAPTIVE_SAMPLER } from '../defaults.ts';
import { filled } from '../option-table.ts';
import { isLike, likenessSizeOf } from '../scene/likeness.ts';
import { perSource } from './per-source.ts';
import { LOOK_EVERY_MS, type SampleContext, type Sampler } from './sampler.ts';

export interface AdaptiveSamplerOptions {
  /** Most frames per second while the user speaks; 0 for none. @defaultValue 1 */
  speakingFps?: number;
  /** Most frames per second otherwise; 0 for none. @defaultValue 1/3 */
  silentFps?: number;
  /**
   * Share of the picture that has to differ from what the model got last, 0.001 to 1.
   * @defaultValue 0.02; for a screen, one line of text
   */
  threshold?: number;
  /** The model gets a frame at least this often, in ms, even if nothing changes. @defaultValue 60000 */
  keepAliveMs?: number;
}

/**
 * The rates of {@link voiceActivitySampler} as an upper limit: a frame is sent only if it differs
 * from the model's last one, or if that one is old. Frames without luma (RGB) always count as
 * different.
 *
 * @throws OptionError
 */
export function adaptiveSampler(options: AdaptiveSamplerOptions = {}): Sampler {
  const { speakingFps, silentFps, threshold, keepAliveMs } = filled('', options, ADAPTIVE_SAMPLER);
  const intervals = { speaking: 1000 / speakingFps, silent: 1000 / silentFps };
  return perSource(() => {
    let lookedAt = Number.NEGATIVE_INFINITY;
    return ({ now, source, user, sinceLastMs, sinceSentMs, sentLuma, luma }: SampleContext) => {
      if ((sinceLastMs ?? intervals[user]) < intervals[user]) return false;
      if (!Number.isFinite(intervals[user])) return false;
      const sinceLooked = now - lookedAt;
      if (sinceSentMs !== null && sinceLooked >= 0 && sinceLooked < LOOK_EVERY_MS) return false;
      lookedAt = now;
      const size = likenessSizeOf(source);
      const picture = luma?.(size.width, size.height);
      return (
        sinceSentMs === null ||
        sinceSentMs >= keepAliveMs ||
        !sentLuma ||
        !picture ||
        !isLike(sentLuma, picture, source, threshold)
      );
    };
  });
}
