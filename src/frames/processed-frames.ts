import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoFrame } from '@livekit/rtc-node';
import type { FrameRef } from '../frame.ts';
import { uprightCopy } from './frame-copy.ts';
import { frameLuma } from './frame-luma.ts';
import type { LumaPicture } from './luma.ts';
import type { NewestFrameSlot, PinnedFrame } from './newest-frame.ts';

/** What every frame passes before it is used. */
export interface FrameProcessing {
  /** `false`: frames are used as they arrive. */
  readonly isActive: boolean;
  /** Shortest time between two frames, in ms. */
  readonly intervalMs: number;
  /** The frame to use instead, or `null` to withhold it. Never throws. */
  process(frame: VideoFrame, ref: FrameRef): Promise<VideoFrame | null>;
}

/** A frame as it leaves the processors, upright. */
export interface ProcessedFrame {
  readonly ref: FrameRef;
  readonly frame: VideoFrame;
}

export interface ProcessedFramesDeps {
  slot: NewestFrameSlot;
  processing: FrameProcessing;
  /** Whether the slot's newest frame may be used at all. */
  mayShow(): boolean;
}

/**
 * The frames of one source behind the processors. Each is processed once, one after the other, and
 * only if it is used, or if a listener watches the frames.
 */
export class ProcessedFrames {
  readonly #deps: ProcessedFramesDeps;
  readonly #listeners = new Set<(frame: FrameRef) => void>();
  #stopArrivals: (() => void) | undefined;
  #isFollowing = false;
  /** The frame that was processed last, or is being processed. */
  #last: { id: number; result: Promise<ProcessedFrame | undefined> } | undefined;
  #ready: ProcessedFrame | undefined;
  #startedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: ProcessedFramesDeps) {
    this.#deps = deps;
  }

  /**
   * The frame behind the processors; `undefined` if they withhold it.
   * @throws EncodeError if the frame has no valid pixels.
   */
  of(pinned: PinnedFrame): Promise<ProcessedFrame | undefined> {
    const before = this.#last;
    if (before?.id === pinned.ref.id) return before.result;
    const current = { id: pinned.ref.id, result: this.#after(before?.result, pinned) };
    this.#last = current;
    const settle = (ready?: ProcessedFrame) => {
      if (this.#last === current) this.#ready = ready;
    };
    current.result.then(settle, () => settle());
    return current.result;
  }

  /** A small grey picture of the last frame, if it belongs to the track that is watched. */
  luma(columns: number, rows: number): LumaPicture | undefined {
    const ready = this.#ready;
    const { newest } = this.#deps.slot;
    if (!ready || newest?.trackSid !== ready.ref.trackSid) return undefined;
    return frameLuma(ready.frame, columns, rows);
  }

  /** Calls the listener for each processed frame; one that arrives in the meantime is left out. */
  onFrame(listener: (frame: FrameRef) => void): () => void {
    this.#listeners.add(listener);
    this.#stopArrivals ??= this.#deps.slot.onFrame((frame) => this.#arrived(frame));
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stopArrivals?.();
      this.#stopArrivals = undefined;
    };
  }

  /** Forgets what was processed. */
  clear(): void {
    this.#last = undefined;
    this.#ready = undefined;
  }

  #arrived(frame: FrameRef): void {
    if (!this.#deps.processing.isActive) this.#emit(frame);
    else if (!this.#isFollowing) void this.#follow();
  }

  /** Processes the newest frame until there is no newer one. */
  async #follow(): Promise<void> {
    const { slot, mayShow } = this.#deps;
    this.#isFollowing = true;
    let lastId: number | undefined;
    while (this.#listeners.size > 0 && slot.newest && slot.newest.id !== lastId && mayShow()) {
      lastId = slot.newest.id;
      const pinned = slot.pin();
      if (!pinned) break;
      // The request of its picture reports a broken frame.
      const shown = await this.of(pinned).catch(() => undefined);
      pinned.done({ skipped: 'unused' });
      if (shown && this.#ready === shown) this.#emit(shown.ref);
    }
    this.#isFollowing = false;
  }

  #emit(frame: FrameRef): void {
    for (const listener of [...this.#listeners]) listener(frame);
  }

  async #after(
    before: Promise<unknown> | undefined,
    pinned: PinnedFrame,
  ): Promise<ProcessedFrame | undefined> {
    const { processing } = this.#deps;
    await Promise.allSettled([before]);
    const waitMs = this.#startedAt + processing.intervalMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
    this.#startedAt = performance.now();
    const { ref } = pinned;
    const upright = await uprightCopy(pinned.read(), pinned.rotation);
    const frame = await processing.process(upright, ref);
    if (!frame) return undefined;
    return { ref: { ...ref, width: frame.width, height: frame.height }, frame };
  }
}
