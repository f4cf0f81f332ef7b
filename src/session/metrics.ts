import { type FrameCounts, FrameLedger } from '../frames/frame-ledger.ts';
import type { TurnOutcome } from '../machines/turn-completion.types.ts';
import type { FrameBudgetUse } from '../sampling/frame-budget.ts';

/** Over the newest 512 values; `null` before the first one. */
export interface Spread {
  count: number;
  p50: number | null;
  p95: number | null;
}

/** Counts of the avatar's arrivals, losses and unconfirmed reports. */
export interface AvatarCounts {
  shown: number;
  lost: number;
  failed: number;
  unconfirmed: number;
}

/**
 * Model requests of user turns by the outcome of their picture. A request with a picture also
 * counts as `discarded` if the framework discarded it, and as `withdrawn` if the video was switched
 * off before the picture was sent. `not-described`: the model takes text only, and the other model
 * did not describe the picture.
 */
export type TurnCounts = Record<TurnOutcome | 'discarded' | 'withdrawn', number>;

/** Estimated input tokens of pictures. */
export interface PictureTokens {
  estimated: number;
  /** Pictures for models without a known rule; they are not in `estimated`. */
  unknownPictures: number;
}

/** A snapshot of a session's figures. Times are in ms. */
export interface VideoMetrics {
  frames: FrameCounts;
  turns: TurnCounts;
  looks: { answered: number; failed: number };
  /** Bytes of the pictures that were sent to a model. */
  bytesSent: number;
  /**
   * Estimated input tokens of the pictures that were sent, by the providers' published rules. Each
   * picture counts once; a model that keeps it in its conversation bills it again with each answer.
   */
  tokens: PictureTokens;
  encodeMs: Spread;
  /** Age of the frames when they were sent. */
  frameAgeMs: Spread;
  /** Changes of the watched track, and the gap between the last and the first frame. */
  switches: { count: number; gapMs: Spread };
  stalls: number;
  /**
   * The avatar: how often it joined, left without a request, or failed to start, and which playback
   * reports were missing or early.
   */
  avatar: AvatarCounts;
  /** A realtime model's connections: how many were lost and restored, and how long that took. */
  model: { dropped: number; resumed: number; resumeMs: Spread };
  /** Sent to a realtime model in the last minute. */
  budget: FrameBudgetUse;
  /** Errors that were caught, by cause. Each cause is logged once. */
  errors: Record<string, number>;
  /** How frames are read; `null` before the first stream. */
  via: 'native-tap' | 'video-stream' | null;
}

const SPREAD_SIZE = 512;

/** A ring of the newest values. */
class Reservoir {
  readonly #values: number[] = [];
  #count = 0;

  add(value: number): void {
    this.#values[this.#count++ % SPREAD_SIZE] = value;
  }

  spread(): Spread {
    const sorted = [...this.#values].sort((a, b) => a - b);
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
    return { count: this.#count, p50: at(0.5), p95: at(0.95) };
  }
}

/** Collects the figures of a session. */
export class MetricsCollector {
  readonly frames = new FrameLedger();
  readonly encodeMs = new Reservoir();
  readonly frameAgeMs = new Reservoir();
  readonly switchGapMs = new Reservoir();
  bytesSent = 0;
  readonly tokens: PictureTokens = { estimated: 0, unknownPictures: 0 };
  stalls = 0;
  via: VideoMetrics['via'] = null;
  readonly resumeMs = new Reservoir();
  readonly model = { dropped: 0, resumed: 0 };
  readonly looks = { answered: 0, failed: 0 };
  readonly avatar: AvatarCounts = { shown: 0, lost: 0, failed: 0, unconfirmed: 0 };
  readonly turns: TurnCounts = {
    attached: 0,
    'nothing-to-attach': 0,
    'too-old': 0,
    'encode-failed': 0,
    'not-described': 0,
    'over-budget': 0,
    discarded: 0,
    withdrawn: 0,
  };
  readonly #errors = new Map<string, number>();

  /** @returns whether this is the first error of this cause. */
  error(cause: string): boolean {
    const count = this.#errors.get(cause) ?? 0;
    this.#errors.set(cause, count + 1);
    return count === 0;
  }

  /** Counts a picture that was sent to a model. */
  sent(bytes: number, tokens: number | undefined): void {
    this.bytesSent += bytes;
    if (tokens === undefined) this.tokens.unknownPictures++;
    else this.tokens.estimated += tokens;
  }

  snapshot(budget: FrameBudgetUse): VideoMetrics {
    const gapMs = this.switchGapMs.spread();
    return {
      frames: this.frames.counts(),
      turns: { ...this.turns },
      looks: { ...this.looks },
      bytesSent: this.bytesSent,
      tokens: { ...this.tokens },
      encodeMs: this.encodeMs.spread(),
      frameAgeMs: this.frameAgeMs.spread(),
      switches: { count: gapMs.count, gapMs },
      stalls: this.stalls,
      avatar: { ...this.avatar },
      model: { ...this.model, resumeMs: this.resumeMs.spread() },
      budget,
      errors: Object.fromEntries(this.#errors),
      via: this.via,
    };
  }
}
