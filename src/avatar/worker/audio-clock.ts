/** A capture that took longer than this had to wait for room, in ms. */
const WAITED_MS = 8;

/** How much one capture may correct the clock, in ms: a busy event loop is late now and then. */
const STEP_MS = 5;

/** The queue is emptied in pieces of 10 ms: when there is room again, half of one is missing. */
const HALF_PIECE_MS = 5;

/**
 * When the audio that was given to an `AudioSource` is over. The source's own estimate counts on
 * the wall clock alone; this one also learns from the moments in which the queue had room again,
 * so that it cannot drift away from what is heard.
 */
export class AudioClock {
  readonly #queueMs: number;
  #endsAt = Number.NEGATIVE_INFINITY;

  /** @param queueMs - Length of the source's queue, in ms. */
  constructor(queueMs: number) {
    this.#queueMs = queueMs;
  }

  /** When all audio is heard, in ms as `performance.now()` tells it. */
  get endsAt(): number {
    return this.#endsAt;
  }

  /** Whether there is audio that was not heard yet. */
  isPlaying(now: number): boolean {
    return this.#endsAt > now;
  }

  /** Audio of this length is given to the source now. */
  add(durationMs: number, now: number): void {
    this.#endsAt = Math.max(this.#endsAt, now) + durationMs;
  }

  /** The source took what was added. */
  onTaken(tookMs: number, now: number): void {
    const full = now + this.#queueMs;
    const error = full - HALF_PIECE_MS - this.#endsAt;
    if (tookMs > WAITED_MS) this.#endsAt += Math.min(STEP_MS, Math.max(-STEP_MS, error));
    else if (this.#endsAt > full) this.#endsAt -= Math.min(STEP_MS, this.#endsAt - full);
  }

  /** Nothing is queued any more. */
  clear(): void {
    this.#endsAt = Number.NEGATIVE_INFINITY;
  }
}
