interface Timer {
  readonly run: () => void;
  readonly ms: number;
}

/**
 * A clock for the delays of machines. No delay ends by itself, so no path has to be quick; each
 * ends when the test says so. Real actors keep the real time.
 */
export class HandClock {
  readonly #timers = new Map<number, Timer>();
  #last = 0;

  setTimeout(run: () => void, ms: number): number {
    this.#last += 1;
    this.#timers.set(this.#last, { run, ms });
    return this.#last;
  }

  clearTimeout(id: number): void {
    this.#timers.delete(id);
  }

  /** Ends the delay of this many ms, or the oldest of several equal ones. */
  elapse(ms: number): void {
    const found = [...this.#timers].find(([, timer]) => timer.ms === ms);
    if (!found) {
      const waiting = [...this.#timers.values()].map((timer) => timer.ms);
      throw new Error(`nothing waits for ${ms} ms, but for ${waiting.join(', ') || 'nothing'}`);
    }
    const [id, { run }] = found;
    this.#timers.delete(id);
    run();
  }
}
