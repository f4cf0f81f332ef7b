import type { VideoMode } from '../client/control-protocol.ts';

export interface ModeAnnouncementDeps {
  /** The current mode. */
  mode(): VideoMode;
  /** Rejects if the mode could not be written; settles within its own time limit. */
  write(mode: VideoMode): Promise<void>;
  /** A write failed, and will be retried. */
  onError(error: unknown): void;
}

/** Wait before a failed write is retried, in ms: the first and the longest. */
const RETRY_MS = { first: 500, longest: 30_000 } as const;

/**
 * Keeps the announced mode equal to the current one. One write runs at a time; a change during a
 * write is written afterwards. A failed write is retried with the then current mode until it
 * succeeds or {@link ModeAnnouncement.close} is called.
 */
export class ModeAnnouncement {
  readonly #deps: ModeAnnouncementDeps;
  /** The mode that was written, or is being written; `undefined` if it may be lost. */
  #last: VideoMode | undefined;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs: number = RETRY_MS.first;
  #isClosed = false;

  constructor(deps: ModeAnnouncementDeps) {
    this.#deps = deps;
  }

  /** Call when the mode may have changed. A new mode does not wait for the retry of an old one. */
  update(): void {
    if (this.#deps.mode() === this.#last) return;
    this.#retryMs = RETRY_MS.first;
    this.#write();
  }

  /** Call when the written mode may be lost: it is written again. */
  rewrite(): void {
    this.#last = undefined;
    this.update();
  }

  /** Stops writing. Resolves when no write is in progress. */
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
