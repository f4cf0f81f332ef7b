import type { FfiEvent } from '@livekit/rtc-ffi-bindings';

/** rtc-node's client of its engine: see `src/internals/rtc-engine.ts`. */
interface Engine {
  on(event: 'ffi_event', listener: (event: FfiEvent) => void): void;
  off(event: 'ffi_event', listener: (event: FfiEvent) => void): void;
}

/**
 * The frames of a track that have arrived in this process, whichever reader gets them, identified
 * by their creation time. The counts of two readers would differ, since the engine leaves out
 * frames of each.
 */
export class Arrivals {
  readonly #madeAt: bigint[] = [];
  readonly #engine = (globalThis as unknown as { _ffiClientInstance: Engine })._ffiClientInstance;
  readonly #listener = ({ message }: FfiEvent) => {
    if (message.case !== 'videoStreamEvent') return;
    const { message: of } = message.value;
    if (of.case !== 'frameReceived' || of.value.timestampUs === undefined) return;
    this.newest = of.value.timestampUs;
    if (!this.#madeAt.includes(this.newest, -10)) this.#madeAt.push(this.newest);
  };
  /** Time of the current event, for its other listeners, in microseconds. */
  newest = 0n;

  constructor() {
    this.#engine.on('ffi_event', this.#listener);
  }

  /** How many newer frames have arrived. */
  after(madeAt: bigint): number {
    const last = this.#madeAt.findLastIndex((time) => time <= madeAt);
    return this.#madeAt.length - 1 - last;
  }

  end(): void {
    this.#engine.off('ffi_event', this.#listener);
  }
}
