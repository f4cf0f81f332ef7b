import { fromPromise } from 'xstate';
import type { EncodedImage } from '../frames/encode.ts';
import type { NewestFrameSlot, PinnedFrame } from '../frames/newest-frame.ts';
import type { Picture } from '../models/chat-pictures.ts';

interface KeptPicture extends Picture {
  readonly pinned: PinnedFrame;
}

export interface MotionStripDeps {
  slot: NewestFrameSlot;
  encode(pinned: PinnedFrame): Promise<EncodedImage>;
  /** A picture failed: the turn has one less. */
  onError(error: unknown): void;
}

/** The pictures of how a user's turn went, of one view; which of them stay is the machine's to say. */
export class MotionStrip {
  readonly #deps: MotionStripDeps;
  readonly #kept = new Map<number, KeptPicture>();
  readonly #encodes = new Set<Promise<unknown>>();

  constructor(deps: MotionStripDeps) {
    this.#deps = deps;
  }

  /** Keeps the newest frame's picture; `null` where there is no frame that is not kept already. */
  readonly take = () =>
    fromPromise<number | null>(async ({ signal }) => {
      const { slot, encode, onError } = this.#deps;
      const newest = slot.newest;
      if (!newest || this.#kept.has(newest.id)) return null;
      const pinned = slot.pin(newest.id);
      if (!pinned) return null;
      try {
        const encoding = encode(pinned);
        this.#encodes.add(encoding);
        const image = await encoding.finally(() => this.#encodes.delete(encoding));
        if (signal.aborted) {
          pinned.done({ skipped: 'turn-over' });
          return null;
        }
        this.#kept.set(newest.id, { ref: newest, image, pinned });
        return newest.id;
      } catch (error) {
        pinned.done({ skipped: 'encode-failed' });
        onError(error);
        throw error;
      }
    });

  /** Oldest first. */
  get pictures(): Picture[] {
    return [...this.#kept.values()];
  }

  /** A turn with these pictures reached its model. */
  sent(frameIds: readonly number[]): void {
    for (const id of frameIds) this.#end(id, 'sent');
  }

  /** The session is over; done when no frame is in use. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#encodes);
    this.keepOnly([]);
  }

  /** The others are given back. */
  keepOnly(keep: readonly number[]): void {
    for (const id of [...this.#kept.keys()])
      if (!keep.includes(id)) this.#end(id, { skipped: 'unused' });
  }

  #end(id: number, fate: Parameters<PinnedFrame['done']>[0]): void {
    this.#kept.get(id)?.pinned.done(fate);
    this.#kept.delete(id);
  }
}
