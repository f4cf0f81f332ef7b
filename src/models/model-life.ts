import { SESSION_LIMITS } from '../limits.ts';

/** Reports about a realtime model's connection. */
export type LifeReport =
  /** The connection was lost, or failed. Reported once per outage. */
  | {
      type: 'model.dropped';
      reason: string;
      /** The model was answering; the rest of that answer is lost. */
      wasAnswering: boolean;
      /** Whether it reconnects. If not, the agent session ends with an error. */
      isRetried: boolean;
    }
  /** The connection is restored, with the conversation so far. */
  | { type: 'model.resumed'; tookMs: number; attempts: number };

export interface ReconnectLimits {
  /** Attempts in a row; 0 for none. */
  attempts: number;
  /** First pause between two attempts, in ms; doubles each time. */
  retryBaseMs: number;
}

/** How a connection ended, or why it failed. */
export interface ConnectionEnd {
  reason: string;
  wasAnswering: boolean;
  /** Another attempt would fail in the same way, for example with a wrong key. */
  isFinal: boolean;
}

/**
 * The successive connections of one realtime session: how long to wait for the next one, and when
 * to give up. A connection that worked resets the count of failures.
 */
export class ModelLife {
  /** Outages: connections that were lost or failed, each outage counted once. */
  drops = 0;
  readonly #limits: ReconnectLimits;
  readonly #report: (report: LifeReport) => void;
  /** Aborts when the session ends, which ends all waits. */
  readonly #over = new AbortController();
  readonly #waiters = new Set<() => void>();
  #failures = 0;
  /** When the current connection opened; `undefined` without one. */
  #openedAt: number | undefined;
  #isProven = false;
  #wasUp = false;
  /** When the current outage began. */
  #downSince: number | undefined;
  #hasGivenUp = false;

  constructor(limits: ReconnectLimits, report: (report: LifeReport) => void) {
    this.#limits = limits;
    this.#report = report;
  }

  /** The session is closed. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** There is no connection, after an earlier one or a failed attempt. */
  get isDown(): boolean {
    return this.#downSince !== undefined;
  }

  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** Whether there has been a connection. */
  get wasUp(): boolean {
    return this.#wasUp;
  }

  /** Whether there will be another attempt. If not, the plugin handles its connections itself. */
  get isRetrying(): boolean {
    return this.#limits.attempts > 0;
  }

  /** The connection is ready. */
  opened(): void {
    if (this.isOver) return;
    const since = this.#downSince;
    this.#openedAt = Date.now();
    this.#wasUp = true;
    this.#isProven = false;
    this.#downSince = undefined;
    this.#hasGivenUp = false;
    if (since !== undefined)
      this.#report({
        type: 'model.resumed',
        tookMs: Date.now() - since,
        attempts: this.#failures,
      });
    this.#wake();
  }

  /** The model answered, so earlier failures no longer count. */
  worked(): void {
    this.#isProven = true;
  }

  /** @returns the pause before the next attempt, in ms; `undefined` if there is none. */
  failed({ reason, wasAnswering, isFinal }: ConnectionEnd): number | undefined {
    if (this.isOver) return undefined;
    const { provenMs, retryMaxMs } = SESSION_LIMITS.reconnect;
    const openedAt = this.#openedAt;
    this.#openedAt = undefined;
    const lastedLong = openedAt !== undefined && Date.now() - openedAt >= provenMs;
    if (this.#isProven || lastedLong) this.#failures = 0;
    this.#isProven = false;
    this.#failures += 1;
    this.#hasGivenUp = isFinal || this.#failures > this.#limits.attempts;
    if (!this.isDown) {
      this.#downSince = Date.now();
      this.drops += 1;
      this.#report({
        type: 'model.dropped',
        reason,
        wasAnswering,
        isRetried: !this.#hasGivenUp,
      });
    }
    // Callers that wait for a connection check the new state.
    this.#wake();
    if (this.#hasGivenUp) return undefined;
    // A lost connection is restored at once, unless it was lost immediately after it opened.
    const inARow = this.#failures - (openedAt === undefined ? 0 : 1);
    return inARow === 0 ? 0 : Math.min(this.#limits.retryBaseMs * 2 ** (inARow - 1), retryMaxMs);
  }

  /** Call when the session closes: no more attempts, and all waits end. */
  end(): void {
    this.#over.abort();
    this.#wake();
  }

  /** Resolves after the pause, or when the session ends. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#over;
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done);
    });
  }

  /** Resolves when the outage is over, to whether there is a connection. */
  up(signal?: AbortSignal): Promise<boolean> {
    return this.#until(() => {
      if (this.isOver || this.#hasGivenUp || signal?.aborted) return false;
      return this.isDown ? undefined : true;
    }, signal);
  }

  /**
   * Resolves to true when the connection is lost after `drops` others, and to false when the
   * session ends.
   */
  nextDrop(drops: number, signal: AbortSignal): Promise<boolean> {
    return this.#until(() => {
      if (this.drops > drops) return true;
      return this.isOver || signal.aborted ? false : undefined;
    }, signal);
  }

  /** Resolves when the session ends. */
  ended(): Promise<boolean> {
    return this.#until(() => (this.isOver ? true : undefined));
  }

  #until(answer: () => boolean | undefined, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const look = () => {
        const now = answer();
        if (now === undefined) return;
        this.#waiters.delete(look);
        signal?.removeEventListener('abort', look);
        resolve(now);
      };
      this.#waiters.add(look);
      signal?.addEventListener('abort', look);
      look();
    });
  }

  #wake(): void {
    for (const look of [...this.#waiters]) look();
  }
}
