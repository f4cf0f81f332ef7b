/** A capture that took longer than this had to wait for space in the queue, in ms. */
const WAITED_MS = 8;

/** Largest correction by a single capture, in ms, because a busy event loop is sometimes late. */
const STEP_MS = 5;

/**
 * The queue drains in 10 ms pieces, so at the moment that space appears, half a piece is missing on
 * average.
 */
const HALF_PIECE_MS = 5;

/**
 * When the audio given to an `AudioSource` ends. The source's own estimate uses only the wall
 * clock. This one also uses the moments at which the queue had space again, so it cannot drift from
 * the audible sound.
 */
export class AudioClock {
  readonly #queueMs: number;
  #endsAt = Number.NEGATIVE_INFINITY;

  /** @param queueMs - Length of the source's queue, in ms. */
  constructor(queueMs: number) {
    this.#queueMs = queueMs;
  }

  /** When all audio will have been played, in ms of `performance.now()`. */
  get endsAt(): number {
    return this.#endsAt;
  }

  /** Whether there is audio that was not played yet. */
  isPlaying(now: number): boolean {
    return this.#endsAt > now;
  }

  /** Audio of this length is being given to the source. */
  add(durationMs: number, now: number): void {
    this.#endsAt = Math.max(this.#endsAt, now) + durationMs;
  }

  /** The source accepted the audio. */
  onTaken(tookMs: number, now: number): void {
    const full = now + this.#queueMs;
    const error = full - HALF_PIECE_MS - this.#endsAt;
    if (tookMs > WAITED_MS) this.#endsAt += Math.min(STEP_MS, Math.max(-STEP_MS, error));
    else if (this.#endsAt > full) this.#endsAt -= Math.min(STEP_MS, this.#endsAt - full);
  }

  /** The queue was cleared. */
  clear(): void {
    this.#endsAt = Number.NEGATIVE_INFINITY;
  }
}
