import type { VideoFrame } from '@livekit/rtc-node';
import type { FrameRef } from '../frame.ts';
import { copyOf } from './frame-edit.ts';
import type { FrameLedger } from './frame-ledger.ts';
import type { SourceFrame } from './frame-source.ts';
import type { LumaPicture } from './luma.ts';

/** Origin and time of a frame, which a `SourceFrame` does not contain. */
export type FrameOrigin = Omit<FrameRef, 'id' | 'width' | 'height'>;

/** A frame in use: it stays readable until `done`. */
export interface PinnedFrame {
  readonly ref: FrameRef;
  readonly rotation: SourceFrame['rotation'];
  read(): VideoFrame;
  /** The pixels in memory of their own, which may be changed. */
  take(): VideoFrame;
  /** A small grey picture of it; `undefined` if it has no luma. */
  luma(width: number, height: number): LumaPicture | undefined;
  /** Ends the use with the frame's outcome. @returns whether this was the first call. */
  done(fate: FrameFate): boolean;
}

/** `sent` to a model or passed to the application, or the reason why not. */
export type FrameFate = 'sent' | { skipped: string };

interface Entry {
  readonly ref: FrameRef;
  readonly source: SourceFrame;
  inSlot: boolean;
  pins: number;
  sampled: boolean;
  sent: boolean;
  skipped: string | undefined;
}

/** Frames of rtc-node without a picture: 8x8 after an unsubscribe, and broken ones. */
const isPlaceholder = (frame: SourceFrame) => frame.width < 16 || frame.height < 16;

/**
 * Holds one frame: the newest. A new frame replaces it, and the old one is released at once, or
 * after its uses. Memory is bounded by the number of concurrent uses, however slow they are.
 */
export class NewestFrameSlot {
  readonly #ledger: FrameLedger;
  readonly #listeners = new Set<(frame: FrameRef) => void>();
  #entry: Entry | undefined;

  constructor(ledger: FrameLedger) {
    this.#ledger = ledger;
  }

  /** The current frame, without its pixels. */
  get newest(): FrameRef | null {
    return this.#entry?.ref ?? null;
  }

  /** Stores a frame. Returns its reference, or `null` for a frame without a picture. */
  put(source: SourceFrame, origin: FrameOrigin): FrameRef | null {
    if (isPlaceholder(source)) {
      this.#ledger.placeholder();
      source.release();
      return null;
    }
    this.clear();
    const ref: FrameRef = {
      ...origin,
      id: this.#ledger.received(),
      width: source.width,
      height: source.height,
    };
    this.#entry = {
      ref,
      source,
      inSlot: true,
      pins: 0,
      sampled: false,
      sent: false,
      skipped: undefined,
    };
    for (const listener of [...this.#listeners]) listener(ref);
    return ref;
  }

  /** Uses the newest frame; with an `id`, only if it is still that one. */
  pin(id?: number): PinnedFrame | undefined {
    const entry = this.#entry;
    if (!entry || (id !== undefined && entry.ref.id !== id)) return undefined;
    entry.pins++;
    if (!entry.sampled) {
      entry.sampled = true;
      this.#ledger.sampled();
    }
    let ended = false;
    return {
      ref: entry.ref,
      rotation: entry.source.rotation,
      read: () => entry.source.read(),
      take: () => entry.source.take?.() ?? copyOf(entry.source.read()),
      luma: (width, height) => entry.source.luma?.(width, height),
      done: (fate) => {
        if (ended) return false;
        ended = true;
        entry.pins--;
        if (fate === 'sent') entry.sent = true;
        else entry.skipped ??= fate.skipped;
        this.#settle(entry);
        return true;
      },
    };
  }

  /**
   * A small grey picture of the newest frame; it does not count as a use. `undefined` if there is
   * no frame with luma.
   */
  luma(width: number, height: number): LumaPicture | undefined {
    return this.#entry?.source.luma?.(width, height);
  }

  /** Empties the slot; with an `id`, only if the frame is not newer. */
  clear(upToId?: number): void {
    const entry = this.#entry;
    if (!entry || (upToId !== undefined && entry.ref.id > upToId)) return;
    this.#entry = undefined;
    entry.inSlot = false;
    this.#settle(entry);
  }

  /** Calls the listener for each frame that arrives. Returns a function that removes it. */
  onFrame(listener: (frame: FrameRef) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first frame that arrives after the call; rejects if the signal aborts. */
  next(signal: AbortSignal): Promise<FrameRef> {
    return new Promise((resolve, reject) => {
      const end = (finish: () => void) => {
        stop();
        signal.removeEventListener('abort', onAbort);
        finish();
      };
      const stop = this.onFrame((ref) => end(() => resolve(ref)));
      const onAbort = () => end(() => reject(signal.reason));
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
    });
  }

  #settle(entry: Entry): void {
    if (entry.inSlot || entry.pins > 0) return;
    entry.source.release();
    if (!entry.sampled) this.#ledger.replaced();
    else if (entry.sent) this.#ledger.sent();
    else this.#ledger.skipped(entry.skipped ?? 'unused');
  }
}
