interface Timer {
  readonly run: () => void;
  readonly ms: number;
}

/**
 * A clock for the delays of machines: none runs out by itself, so no path has to be quick, and
 * each of them does when a test says so. What is real keeps the real time.
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

  /** The delay of so many ms runs out; where several wait for as long, the oldest. */
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
