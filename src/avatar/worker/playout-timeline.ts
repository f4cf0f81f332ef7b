interface Moment {
  at: number;
  happen(): void;
}

/** Things that happen when audio which is still queued is heard: in order, on one timer. */
export class PlayoutTimeline {
  #moments: Moment[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param at - In ms, as `performance.now()` tells it. Never before what was added earlier. */
  add(at: number, happen: () => void): void {
    this.#moments.push({ at, happen });
    this.#run();
  }

  /** Forgets what has not happened. */
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
