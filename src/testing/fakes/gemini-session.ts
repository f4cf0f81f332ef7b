import { AnnouncedEnd } from './announced-end.ts';
import { isObject, type JsonObject } from './json.ts';
import type { ReceivedFrame } from './service-record.ts';

/** How long a session lasts without context window compression, in ms. */
export interface SessionLimits {
  readonly sessionMs: number;
  readonly videoSessionMs: number;
  /** Time between `goAway` and the end. */
  readonly goAwayMs: number;
}

/** The connection, as its session uses it. */
export interface SessionConnection {
  send(message: JsonObject): void;
  close(code: number, reason: string): void;
}

/** A session of the Live API: its handle continues it on another connection. */
export class GeminiSession {
  setup: JsonObject;
  /** The service has ended it, so it cannot be resumed. */
  isOver = false;
  /** What the model sees: the pictures of all turns so far. */
  readonly seen: ReceivedFrame[] = [];
  readonly #limits: SessionLimits;
  readonly #startedAt = Date.now();
  /** Pictures that the next turn includes. */
  readonly #ofNextTurn: ReceivedFrame[] = [];
  readonly #planned = new AnnouncedEnd();
  #connection: SessionConnection | undefined;
  #hasVideo = false;
  #isAnnounced = false;

  constructor(setup: JsonObject, limits: SessionLimits) {
    this.setup = setup;
    this.#limits = limits;
  }

  /** Continues on this connection. */
  open(connection: SessionConnection, setup: JsonObject): void {
    this.#connection = connection;
    this.setup = setup;
    this.#planEnd();
  }

  /** This connection has ended; the session may continue on another one. */
  leave(connection: SessionConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#planned.cancel();
  }

  /** @param isOfTurn - Whether the next turn includes this picture. */
  add(frame: ReceivedFrame, isOfTurn: boolean): void {
    if (isOfTurn) this.#ofNextTurn.push(frame);
    if (this.#hasVideo || frame.via !== 'realtimeInput') return;
    this.#hasVideo = true;
    this.#planEnd();
  }

  /** A turn is complete: the model sees its pictures. */
  completeTurn(): readonly ReceivedFrame[] {
    this.seen.push(...this.#ofNextTurn.splice(0));
    return [...this.seen];
  }

  #planEnd(): void {
    this.#planned.cancel();
    const { contextWindowCompression: compression } = this.setup;
    if (!this.#connection || (isObject(compression) && compression.slidingWindow)) return;
    const { sessionMs, videoSessionMs, goAwayMs } = this.#limits;
    const limitMs = this.#hasVideo ? videoSessionMs : sessionMs;
    const leftMs = this.#startedAt + limitMs - Date.now();
    this.#planned.plan(
      leftMs,
      goAwayMs,
      () => this.#announceEnd(),
      () => this.#end(),
    );
  }

  #announceEnd(): void {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    this.#connection?.send({ goAway: { timeLeft: `${this.#limits.goAwayMs / 1000}s` } });
  }

  /** With the code and the reason that users report for sessions that lasted too long. */
  #end(): void {
    this.isOver = true;
    this.#connection?.close(1011, 'Deadline expired before operation could complete.');
  }
}
