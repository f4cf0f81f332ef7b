import type { VideoFrame } from '@livekit/rtc-node';
import type { FrameRef } from '../frame.ts';
import type { FrameLedger } from './frame-ledger.ts';
import type { SourceFrame } from './frame-source.ts';
import type { LumaPicture } from './luma.ts';

/** What is not known to a `SourceFrame`: where it came from and when. */
export type FrameOrigin = Omit<FrameRef, 'id' | 'width' | 'height'>;

/** A frame that somebody uses: it stays readable until `done`. */
export interface PinnedFrame {
  readonly ref: FrameRef;
  readonly rotation: SourceFrame['rotation'];
  read(): VideoFrame;
  /** Ends the use, with what became of the frame. @returns whether it was not ended before. */
  done(fate: FrameFate): boolean;
}

/** `sent` to a model or handed to the application, or why not. */
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

/** Frames of rtc-node that show nothing: 8x8 at an unsubscribe, and broken ones. */
const isPlaceholder = (frame: SourceFrame) => frame.width < 16 || frame.height < 16;

/**
 * Holds one frame: the newest. A new one replaces it, and it is given back at once unless it is
 * in use. Memory is bounded by the number of uses, however slow they are.
 */
export class NewestFrameSlot {
  readonly #ledger: FrameLedger;
  readonly #listeners = new Set<(frame: FrameRef) => void>();
  #entry: Entry | undefined;

  constructor(ledger: FrameLedger) {
    this.#ledger = ledger;
  }

  /** The frame that is there now, by name. */
  get newest(): FrameRef | null {
    return this.#entry?.ref ?? null;
  }

  /** Takes a frame in. Returns its name, or `null` for one that shows nothing. */
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

  /**
   * Uses the newest frame. With an `id` only if it is still that one.
   */
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
   * A small grey picture of the newest frame, which does not count as a use of it; `undefined`
   * where there is no frame, or none with luma.
   */
  luma(width: number, height: number): LumaPicture | undefined {
    return this.#entry?.source.luma?.(width, height);
  }

  /** Empties the slot. With an `id` only if nothing newer is in it. */
  clear(upToId?: number): void {
    const entry = this.#entry;
    if (!entry || (upToId !== undefined && entry.ref.id > upToId)) return;
    this.#entry = undefined;
    entry.inSlot = false;
    this.#settle(entry);
  }

  /** Calls the listener for each frame that arrives. Returns the way to stop it. */
  onFrame(listener: (frame: FrameRef) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first frame that arrives from now on; rejects when the signal aborts. */
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
