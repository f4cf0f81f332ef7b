import type { ByteStreamReader } from '@livekit/rtc-node';

/** A byte stream of speech while it comes in. */
export class IncomingSegment {
  readonly reader: ByteStreamReader;
  /** Whether somebody took a part of it. */
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
   * The next bytes, or why there are none: `end` when the sender said so, `late` when nothing came
   * within the limit. What has come already wins against the limit.
   *
   * @throws Error when the stream broke off.
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

  /** Sets the limit of the wait that is under way anew, from now on. */
  waitNoLongerThan(limitMs: number): void {
    this.#rearm?.(limitMs);
  }

  /** Reads no further. A wait that is under way ends with `end`. */
  close(): Promise<void> {
    return this.reader.close();
  }
}
