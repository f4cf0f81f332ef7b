const EVERY_MS = 5;
/** Delay of a timer above which the process counts as stalled, in ms. */
const LATE_MS = 5;
/** Stalls make a limit longer by this factor at most: on the busiest machine, each wait has an end. */
const LONGEST = 15;

/** Measures stalls of this process, because a busy machine is not a fault of the story. */
export class Stalls {
  readonly #stalls: { readonly at: number; readonly ms: number }[] = [];
  readonly #timer: NodeJS.Timeout;
  #last = Date.now();

  constructor() {
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
    this.#timer.unref();
  }

  /** Total length of the stalls in this time, in ms. */
  between(from: number, to: number): number {
    return this.#stalls.reduce(
      (sum, { at, ms }) => (at >= from && at - ms <= to ? sum + ms : sum),
      0,
    );
  }

  /** Whether the limit, in ms, is over since that time. Stalls make it longer. */
  isOver(limitMs: number, from: number): boolean {
    const now = Date.now();
    const longest = LONGEST * limitMs;
    return now - from > Math.min(longest, limitMs + 2 * this.between(from, now));
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
