import { SESSION_LIMITS } from '../limits.ts';

/** What is reported of a realtime model's connection. */
export type LifeReport =
  /** It broke off, or could not be made. Reported once until it is back. */
  | {
      type: 'model.dropped';
      reason: string;
      /** The model was answering: the rest of that answer is lost. */
      wasAnswering: boolean;
      /** Whether it is made again; if not, the agent session ends with an error. */
      isRetried: boolean;
    }
  /** It is back, with the conversation so far. */
  | { type: 'model.resumed'; tookMs: number; attempts: number };

export interface ReconnectLimits {
  /** Attempts in a row; 0 for none. */
  attempts: number;
  /** First pause between two of them; doubled each time. In ms. */
  retryBaseMs: number;
}

/** How a connection ended, or why there is none. */
export interface ConnectionEnd {
  reason: string;
  wasAnswering: boolean;
  /** Another attempt would end in the same way, such as with a wrong key. */
  isFinal: boolean;
}

/**
 * The connections of one realtime session, one after the other: how long to wait for the next, and
 * when to give up. A connection that worked makes up for the failures before it.
 */
export class ModelLife {
  /** Connections that broke off, or could not be made, each outage once. */
  drops = 0;
  readonly #limits: ReconnectLimits;
  readonly #report: (report: LifeReport) => void;
  /** Settled when it ends: for whoever waits. */
  readonly #over = new AbortController();
  readonly #waiters = new Set<() => void>();
  #failures = 0;
  /** When this connection was made; `undefined` while there is none. */
  #openedAt: number | undefined;
  #isProven = false;
  #wasUp = false;
  /** Since when there is none that was there, or should be. */
  #downSince: number | undefined;
  #hasGivenUp = false;

  constructor(limits: ReconnectLimits, report: (report: LifeReport) => void) {
    this.#limits = limits;
    this.#report = report;
  }

  /** The session was closed. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** There is no connection, and there was one, or an attempt at it failed. */
  get isDown(): boolean {
    return this.#downSince !== undefined;
  }

  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** Whether there ever was a connection. */
  get wasUp(): boolean {
    return this.#wasUp;
  }

  /** Whether there is any other attempt; if not, the plugin does as it does by itself. */
  get isRetrying(): boolean {
    return this.#limits.attempts > 0;
  }

  /** The model can be spoken to. */
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

  /** The model answered: what failed before is over. */
  worked(): void {
    this.#isProven = true;
  }

  /** @returns how long to wait until the next attempt, in ms; `undefined` for no other one. */
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
    // Whoever waits for the connection asks what became of it.
    this.#wake();
    if (this.#hasGivenUp) return undefined;
    // A connection that was there is made again at once, unless it was gone at once as well.
    const inARow = this.#failures - (openedAt === undefined ? 0 : 1);
    return inARow === 0 ? 0 : Math.min(this.#limits.retryBaseMs * 2 ** (inARow - 1), retryMaxMs);
  }

  /** The session is closed: nothing is made again, and nothing waits. */
  end(): void {
    this.#over.abort();
    this.#wake();
  }

  /** Resolves after the pause, or at the end of the session. */
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

  /** Resolves when an outage is over: to whether there is a connection. */
  up(signal?: AbortSignal): Promise<boolean> {
    return this.#until(() => {
      if (this.isOver || this.#hasGivenUp || signal?.aborted) return false;
      return this.isDown ? undefined : true;
    }, signal);
  }

  /** Resolves to true when the connection breaks off after `drops` others, to false at the end. */
  nextDrop(drops: number, signal: AbortSignal): Promise<boolean> {
    return this.#until(() => {
      if (this.drops > drops) return true;
      return this.isOver || signal.aborted ? false : undefined;
    }, signal);
  }

  /** Resolves at the end of the session. */
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
