import type { LumaPicture } from '../frames/luma.ts';
import { deviation } from './visibility.ts';

/** How long a camera must be dark to count as covered, in ms: longer than a hand passes by. */
const AFTER_MS = 3000;
/** Mean luma, 0 to 255: black is 16, and a hand in front of the lens is a little lighter. */
const DARK = 40;
/** Spread of the blocks in luma: a dark room with a lamp or a screen has more. */
const UNIFORM = 6;

/** Reports that a camera is covered: its picture is dark and the same everywhere for some time. */
export class CoveredCamera {
  #darkSince: number | undefined;
  #isReported = false;

  get isCovered(): boolean {
    return this.#isReported;
  }

  /**
   * @param at - In ms since the epoch.
   * @returns when it was covered, once each time; `undefined` otherwise.
   */
  see({ means }: LumaPicture, at: number): number | undefined {
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
    if (mean >= DARK || deviation(means) >= UNIFORM) {
      this.#darkSince = undefined;
      this.#isReported = false;
      return undefined;
    }
    this.#darkSince ??= at;
    if (this.#isReported || at - this.#darkSince < AFTER_MS) return undefined;
    this.#isReported = true;
    return this.#darkSince;
  }
}
