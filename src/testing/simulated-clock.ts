import { SimulatedClock } from 'xstate';

/**
 * A simulated clock that stops at each deadline. xstate's own jumps to the end first, so a delay
 * that follows another one starts too late.
 */
export class SteppedClock extends SimulatedClock {
  readonly #deadlines = new Map<number, number>();

  override setTimeout(callback: () => void, timeout: number): number {
    const id: number = super.setTimeout(() => {
      this.#deadlines.delete(id);
      callback();
    }, timeout);
    this.#deadlines.set(id, this.now() + timeout);
    return id;
  }

  override clearTimeout(id: number): void {
    this.#deadlines.delete(id);
    super.clearTimeout(id);
  }

  /** Delays that have not run out yet. */
  get pending(): number {
    return this.#deadlines.size;
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    const end = this.now() + ms;
    for (let next = this.#next(end); next !== null; next = this.#next(end)) this.set(next);
    this.set(end);
  }

  /** Lets `ms` pass, and promises settle at each deadline. */
  async advanceSettling(ms: number): Promise<void> {
    const end = this.now() + ms;
    await settled();
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.set(next);
      await settled();
    }
    this.set(end);
    await settled();
  }

  #next(end: number): number | null {
    const next = Math.min(...this.#deadlines.values());
    return next <= end ? next : null;
  }
}

/** Resolves when all promises that can settle have settled. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A promise with functions that settle it. */
export interface Deferred<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] = () => {};
  let reject: Deferred<T>['reject'] = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
