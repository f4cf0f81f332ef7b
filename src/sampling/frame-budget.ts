import { BUDGET } from '../defaults.ts';
import { filled } from '../option-table.ts';
import type { SampleIntervals } from './samplers.ts';

/** Upper limits of what a realtime model gets in any minute. */
export interface FrameBudgetOptions {
  /** @defaultValue none */
  framesPerMinute?: number;
  /** @defaultValue none */
  bytesPerMinute?: number;
}

export interface FrameBudgetUse {
  /** Sent in the last minute. */
  frames: number;
  bytes: number;
  /** Samples that had to wait longer than their rate says. */
  slowed: number;
}

const WINDOW_MS = 60_000;

/** While the user is silent only this share is spent, so that speech finds some left. */
const SILENT_SHARE = 0.5;

/** Keeps the frames of the last minute within the limits: the idle rate slows first. */
export class FrameBudget {
  readonly #maxFrames: number;
  readonly #maxBytes: number;
  readonly #now: () => number;
  #sent: { at: number; bytes: number }[] = [];
  #slowed = 0;

  constructor(options: FrameBudgetOptions = {}, now: () => number = () => performance.now()) {
    const { framesPerMinute, bytesPerMinute } = filled('input.budget', options, BUDGET);
    this.#maxFrames = framesPerMinute;
    this.#maxBytes = bytesPerMinute;
    this.#now = now;
  }

  spend(bytes: number): void {
    this.#sent.push({ at: this.#now(), bytes });
  }

  /** The rate's interval, or the time until the budget allows another frame. In ms. */
  stretch(intervalMs: number, user: keyof SampleIntervals): number {
    const wait = this.#waitMs(user === 'silent' ? SILENT_SHARE : 1);
    if (wait > intervalMs) this.#slowed++;
    return Math.max(intervalMs, wait);
  }

  use(): FrameBudgetUse {
    this.#forget();
    return {
      frames: this.#sent.length,
      bytes: this.#sent.reduce((sum, { bytes }) => sum + bytes, 0),
      slowed: this.#slowed,
    };
  }

  /** Until so many of the oldest frames are a minute old that another one fits. */
  #waitMs(share: number): number {
    this.#forget();
    const now = this.#now();
    const last = this.#sent.at(-1)?.bytes ?? 0;
    let { frames, bytes } = this.use();
    for (const oldest of [undefined, ...this.#sent]) {
      if (oldest) {
        frames--;
        bytes -= oldest.bytes;
      }
      // A frame that alone is over the limit still goes once a minute.
      const fits =
        frames === 0 ||
        (frames + 1 <= this.#maxFrames * share && bytes + last <= this.#maxBytes * share);
      if (fits) return oldest ? Math.max(0, oldest.at + WINDOW_MS - now) : 0;
    }
    return 0;
  }

  #forget(): void {
    const since = this.#now() - WINDOW_MS;
    this.#sent = this.#sent.filter(({ at }) => at > since);
  }
}
