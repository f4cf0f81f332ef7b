import { setTimeout as wait } from 'node:timers/promises';
import { TestingError } from '../errors.ts';
import { WAIT_LIMIT_MS } from '../waits.ts';

interface Waiter<T> {
  wanted(value: T): boolean;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** A sequence of values, and the waits for the next ones. */
export class Arrivals<T> {
  readonly #waiters = new Set<Waiter<T>>();
  #ended: Error | undefined;

  /** The next value that `wanted` accepts. Earlier values do not count. */
  next(
    what: string,
    wanted: (value: T) => boolean = () => true,
    patienceMs = WAIT_LIMIT_MS,
  ): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended);
    const promise = new Promise<T>((resolve, reject) => {
      const late = setTimeout(
        () =>
          waiter.reject(
            new TestingError(
              'timeout',
              `timed out after ${patienceMs} ms waiting for ${what}`,
              'check that the test causes it, or set a longer limit',
            ),
          ),
        patienceMs,
      );
      const waiter: Waiter<T> = {
        wanted,
        resolve: (value) => {
          this.#forget(waiter, late);
          resolve(value);
        },
        reject: (error) => {
          this.#forget(waiter, late);
          reject(error);
        },
      };
      this.#waiters.add(waiter);
    });
    // A test may end without awaiting this.
    promise.catch(() => undefined);
    return promise;
  }

  arrived(value: T): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.wanted(value)) waiter.resolve(value);
    }
  }

  /** Ends all waits with an error. */
  end(reason: string): void {
    this.#ended = new TestingError('service', reason, 'close it after the last wait of the test');
    for (const waiter of [...this.#waiters]) waiter.reject(this.#ended);
  }

  #forget(waiter: Waiter<T>, late: NodeJS.Timeout): void {
    clearTimeout(late);
    this.#waiters.delete(waiter);
  }
}

/** A gate that connections pass: at once, after a delay, or when a test opens it. */
export class Gate {
  /** Delay of each pass, in ms. */
  delayMs = 0;
  readonly #ended = new AbortController();
  #held: Promise<void> | undefined;

  /** Holds all callers until the returned function is called. */
  hold(): () => void {
    let open: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#held = held;
    const { signal } = this.#ended;
    signal.addEventListener('abort', open, { once: true });
    return () => {
      signal.removeEventListener('abort', open);
      if (this.#held === held) this.#held = undefined;
      open();
    };
  }

  /** Resolves to `false` if the gate ended first. */
  async pass(): Promise<boolean> {
    await this.#held;
    const { signal } = this.#ended;
    if (this.delayMs > 0) await wait(this.delayMs, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }

  end(): void {
    this.#ended.abort();
  }
}
