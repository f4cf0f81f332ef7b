import { BUDGET } from '../defaults.ts';
import { filled } from '../option-table.ts';
import type { SampleIntervals } from './sampler.ts';

/** Upper limits per minute for a realtime model. */
export interface FrameBudgetOptions {
  /** @defaultValue none */
  framesPerMinute?: number;
  /** @defaultValue none */
  bytesPerMinute?: number;
  /**
   * Estimated by the providers' published rules; a model without a known rule counts none.
   * @defaultValue none
   */
  tokensPerMinute?: number;
}

export interface FrameBudgetUse {
  /** Sent in the last minute. */
  frames: number;
  bytes: number;
  tokens: number;
  /** Samples that waited longer than their rate requires. */
  slowed: number;
}

const WINDOW_MS = 60_000;

/** Share of the budget that may be spent while the user is silent, to keep some for speech. */
const SILENT_SHARE = 0.5;

/** What one frame cost. */
interface Cost {
  bytes: number;
  tokens: number;
}

/** Limits the frames of the last minute. The rate in silence slows down first. */
export class FrameBudget {
  readonly #max: Cost & { frames: number };
  readonly #now: () => number;
  #sent: (Cost & { at: number })[] = [];
  #slowed = 0;

  constructor(options: FrameBudgetOptions = {}, now: () => number = () => performance.now()) {
    const { framesPerMinute, bytesPerMinute, tokensPerMinute } = filled(
      'input.budget',
      options,
      BUDGET,
    );
    this.#max = { frames: framesPerMinute, bytes: bytesPerMinute, tokens: tokensPerMinute };
    this.#now = now;
  }

  spend(bytes: number, tokens = 0): void {
    this.#sent.push({ at: this.#now(), bytes, tokens });
  }

  /** The rate's interval, or the time until the budget allows another frame, in ms. */
  stretch(intervalMs: number, user: keyof SampleIntervals): number {
    const wait = this.#waitMs(user === 'silent' ? SILENT_SHARE : 1);
    if (wait > intervalMs) this.#slowed++;
    return Math.max(intervalMs, wait);
  }

  use(): FrameBudgetUse {
    this.#forget();
    const sum = (of: keyof Cost) => this.#sent.reduce((total, cost) => total + cost[of], 0);
    return {
      frames: this.#sent.length,
      bytes: sum('bytes'),
      tokens: sum('tokens'),
      slowed: this.#slowed,
    };
  }

  /** Time until enough of the oldest frames are a minute old. */
  #waitMs(share: number): number {
    const now = this.#now();
    const max = this.#max;
    let { frames, bytes, tokens } = this.use();
    const last = this.#sent.at(-1) ?? { bytes: 0, tokens: 0 };
    for (const oldest of [undefined, ...this.#sent]) {
      if (oldest) {
        frames--;
        bytes -= oldest.bytes;
        tokens -= oldest.tokens;
      }
      // A frame that alone exceeds the limit is still sent once per minute.
      const fits =
        frames === 0 ||
        (frames + 1 <= max.frames * share &&
          bytes + last.bytes <= max.bytes * share &&
          tokens + last.tokens <= max.tokens * share);
      if (fits) return oldest ? Math.max(0, oldest.at + WINDOW_MS - now) : 0;
    }
    return 0;
  }

  #forget(): void {
    const since = this.#now() - WINDOW_MS;
    this.#sent = this.#sent.filter(({ at }) => at > since);
  }
}
