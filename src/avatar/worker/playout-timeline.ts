interface Moment {
  at: number;
  happen(): void;
}

/** Calls functions when queued audio is heard: in order, with one timer. */
export class PlayoutTimeline {
  #moments: Moment[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param at - In ms of `performance.now()`; not before an earlier entry. */
  add(at: number, happen: () => void): void {
    this.#moments.push({ at, happen });
    this.#run();
  }

  /** Removes all pending calls. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#moments = [];
  }

  readonly #run = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let next = this.#moments[0]; next; next = this.#moments[0]) {
      const waitMs = next.at - performance.now();
      // A timer may fire a fraction of a millisecond early.
      if (waitMs > 0.5) {
        this.#timer = setTimeout(this.#run, waitMs);
        return;
      }
      this.#moments.shift();
      next.happen();
    }
  };
}
