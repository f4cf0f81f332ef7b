import type { VideoMode } from '../client/control-protocol.ts';

export interface ModeAnnouncementDeps {
  /** The mode of this moment. */
  mode(): VideoMode;
  /** Rejects if it could not be written; settles within a limit of its own. */
  write(mode: VideoMode): Promise<void>;
  /** A write failed: it is tried again. */
  onError(error: unknown): void;
}

/** Wait before a write that failed is tried again, in ms: the first, and the longest. */
const RETRY_MS = { first: 500, longest: 30_000 } as const;

/**
 * Keeps what is announced equal to the mode. One write at a time: a change during a write follows
 * it. A write that fails is tried again, with the mode of that moment, until it succeeds or
 * {@link ModeAnnouncement.close} ends it.
 */
export class ModeAnnouncement {
  readonly #deps: ModeAnnouncementDeps;
  /** What was written last, or is tried; `undefined` if that may be lost. */
  #last: VideoMode | undefined;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs: number = RETRY_MS.first;
  #isClosed = false;

  constructor(deps: ModeAnnouncementDeps) {
    this.#deps = deps;
  }

  /** The mode may have changed. A new one does not wait for the next try of the old one. */
  update(): void {
    if (this.#deps.mode() === this.#last) return;
    this.#retryMs = RETRY_MS.first;
    this.#write();
  }

  /** What was written may be lost: it is written again. */
  rewrite(): void {
    this.#last = undefined;
    this.update();
  }

  /** Nothing is written from now on. Done when no write is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #write(): void {
    if (this.#isClosed || this.#writing) return;
    clearTimeout(this.#timer);
    const mode = this.#deps.mode();
    this.#last = mode;
    this.#writing = this.#deps.write(mode).then(
      () => this.#written(true),
      (error: unknown) => {
        this.#deps.onError(error);
        this.#written(false);
      },
    );
  }

  #written(succeeded: boolean): void {
    this.#writing = undefined;
    if (this.#isClosed) return;
    if (!succeeded) {
      this.#timer = setTimeout(() => this.#write(), this.#retryMs).unref();
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.longest);
    }
    this.update();
  }
}
