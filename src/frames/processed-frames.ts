import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoFrame, VideoRotation } from '@livekit/rtc-node';
import type { FrameRef } from '../frame.ts';
import type { Region } from '../processors/region.ts';
import { upright } from './frame-edit.ts';
import { FrameListeners } from './frame-listeners.ts';
import { frameLuma } from './frame-luma.ts';
import type { LumaPicture } from './luma.ts';
import type { NewestFrameSlot, PinnedFrame } from './newest-frame.ts';
import { WHOLE } from './picture-place.ts';

/** What every frame passes before it is used. */
export interface FrameProcessing {
  /** `false`: frames are used as they arrive. */
  readonly isActive: boolean;
  /** Shortest time between two frames, in ms. */
  readonly intervalMs: number;
  /**
   * What to use instead, or `null` to withhold the frame. Never throws. The frame is in memory of its
   * own, and belongs to the processors from now on.
   */
  process(frame: VideoFrame, ref: FrameRef): Promise<ProcessedPixels | null>;
}

/** What the processors made of a frame. */
export interface ProcessedPixels {
  readonly frame: VideoFrame;
  /** The part of the upright frame that it shows. */
  readonly area: Region;
}

/** A frame as it leaves the processors, upright. */
interface ProcessedFrame extends ProcessedPixels {
  readonly ref: FrameRef;
}

/** The pixels that may be used of a frame: its own, or those that its processors made. */
export interface ShownFrame extends ProcessedFrame {
  readonly rotation: VideoRotation;
  luma(columns: number, rows: number): LumaPicture | undefined;
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
  readonly #listeners = new FrameListeners(() => this.#waited());
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
   * The frame as it may be used; `undefined` if a processor withholds it.
   * @throws EncodeError if the frame has no valid pixels.
   */
  async shown(pinned: PinnedFrame): Promise<ShownFrame | undefined> {
    const { ref, rotation } = pinned;
    if (!this.#deps.processing.isActive)
      return {
        ref,
        rotation,
        frame: pinned.read(),
        area: WHOLE,
        luma: (...size) => pinned.luma(...size),
      };
    const processed = await this.#processed(pinned);
    if (!processed) return undefined;
    return { ...processed, rotation: 0, luma: (...size) => frameLuma(processed.frame, ...size) };
  }

  #processed(pinned: PinnedFrame): Promise<ProcessedFrame | undefined> {
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

  /**
   * A small grey picture of the newest frame; it does not count as a use of the frame. Behind
   * processors, of the last one that they made of the track that is watched.
   */
  luma(columns: number, rows: number): LumaPicture | undefined {
    const { slot, processing } = this.#deps;
    if (!processing.isActive) return slot.luma(columns, rows);
    const ready = this.#ready;
    if (!ready || slot.newest?.trackSid !== ready.ref.trackSid) return undefined;
    return frameLuma(ready.frame, columns, rows);
  }

  /**
   * Calls the listener for each processed frame; one that arrives in the meantime is left out, but
   * never the last one.
   * @param everyMs - Only for one frame in this time, so that the others are not processed.
   */
  onFrame(call: (frame: FrameRef) => void, everyMs = 0): () => void {
    const remove = this.#listeners.add(call, everyMs);
    this.#stopArrivals ??= this.#deps.slot.onFrame((frame) => this.#arrived(frame));
    return () => {
      remove();
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
    if (this.#deps.processing.isActive) {
      if (!this.#isFollowing) void this.#follow();
      return;
    }
    this.#listeners.emit(frame);
    this.#listeners.letWait(frame);
  }

  /** It is time for the newest frame, which was too early for a listener. */
  #waited(): void {
    const { slot, mayShow } = this.#deps;
    if (slot.newest && mayShow()) this.#arrived(slot.newest);
  }

  /** Processes the newest frame until there is no newer one. */
  async #follow(): Promise<void> {
    const { slot, mayShow } = this.#deps;
    this.#isFollowing = true;
    let lastId: number | undefined;
    while (slot.newest && slot.newest.id !== lastId && mayShow()) {
      if (!this.#listeners.isDue(slot.newest)) break;
      lastId = slot.newest.id;
      const pinned = slot.pin();
      if (!pinned) break;
      // The request of its picture reports a broken frame.
      const shown = await this.#processed(pinned).catch(() => undefined);
      pinned.done({ skipped: 'unused' });
      if (shown && this.#ready === shown) this.#listeners.emit(shown.ref);
    }
    this.#isFollowing = false;
    if (slot.newest) this.#listeners.letWait(slot.newest);
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
    const made = await processing.process(await upright(pinned.take(), pinned.rotation), ref);
    if (!made) return undefined;
    const { width, height } = made.frame;
    return { ...made, ref: { ...ref, width, height } };
  }
}
