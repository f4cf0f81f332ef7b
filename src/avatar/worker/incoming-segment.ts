import type { ByteStreamReader } from '@livekit/rtc-node';

/** A byte stream of speech while it arrives. */
export class IncomingSegment {
  readonly reader: ByteStreamReader;
  /** Whether any part of it was read. */
  heard = false;
  /** Whether a clear dropped it. */
  dropped = false;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #rearm: ((limitMs: number) => void) | undefined;

  constructor(reader: ByteStreamReader) {
    this.reader = reader;
  }

  get name(): string {
    return this.reader.info.name || this.reader.info.streamId;
  }

  /**
   * The next bytes, or why there are none: `end` if the sender closed the stream, `late` if nothing
   * arrived within the limit. Data that has already arrived takes precedence over the limit.
   *
   * @throws Error if the stream broke off.
   */
  next(limitMs: number): Promise<Uint8Array | 'end' | 'late'> {
    this.#chunks ??= this.reader[Symbol.asyncIterator]();
    const chunk = this.#chunks.next();
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const arm = (ms: number) => {
        clearTimeout(timer);
        timer = setTimeout(() => settle(() => resolve('late')), ms);
      };
      const settle = (how: () => void) => {
        clearTimeout(timer);
        this.#rearm = undefined;
        how();
      };
      this.#rearm = arm;
      arm(limitMs);
      chunk.then(
        ({ done, value }) => settle(() => resolve(done ? 'end' : value)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  /** Restarts the limit of the current wait. */
  waitNoLongerThan(limitMs: number): void {
    this.#rearm?.(limitMs);
  }

  /** Stops reading. A current wait resolves with `end`. */
  close(): Promise<void> {
    return this.reader.close();
  }
}
