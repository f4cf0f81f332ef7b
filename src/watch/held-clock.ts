type Timer = NodeJS.Timeout;

/**
 * The clock of a watch. Its timers keep the process alive only while the watch is running: the
 * budget's timers run for up to an hour longer.
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
