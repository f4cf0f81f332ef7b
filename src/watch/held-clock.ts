type Timer = NodeJS.Timeout;

/**
 * The clock of a watch. Its timers keep the process alive while it watches, and not after that: what
 * is left then counts the budget, for up to an hour.
 */
export class HeldClock {
  readonly #timers = new Set<Timer>();
  #isHeld = false;

  setTimeout(work: () => void, ms: number): Timer {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
    if (!this.#isHeld) timer.unref();
    return timer;
  }

  clearTimeout(timer: Timer): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }

  hold(): void {
    this.#isHeld = true;
    for (const timer of this.#timers) timer.ref();
  }

  release(): void {
    this.#isHeld = false;
    for (const timer of this.#timers) timer.unref();
  }
}
