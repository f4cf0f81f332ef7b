const EVERY_MS = 5;
/** A timer that is later than this was held up by a busy process, in ms. */
const LATE_MS = 5;

/** How long this process had no time for its timers: a busy machine is no fault of a story's. */
export class Stalls {
  readonly #stalls: { readonly at: number; readonly ms: number }[] = [];
  readonly #timer: NodeJS.Timeout;
  #last = Date.now();

  constructor() {
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
    this.#timer.unref();
  }

  /** In this time, in ms. */
  between(from: number, to: number): number {
    return this.#stalls.reduce(
      (sum, { at, ms }) => (at >= from && at - ms <= to ? sum + ms : sum),
      0,
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const at = Date.now();
    const ms = at - this.#last - EVERY_MS;
    if (ms > LATE_MS) this.#stalls.push({ at, ms });
    this.#last = at;
  }
}
