import type { FrameRef } from '../frame.ts';
import type { SourceId, SourceKind } from '../source.ts';
import { withCaption } from './caption.ts';
import { Consent, isOf, type TakenAway } from './consent.ts';
import { type EncodedImage, type EncodeOptions, encodeFrame } from './encode.ts';
import type { FrameLedger } from './frame-ledger.ts';
import type { Size } from './geometry.ts';
import type { LumaPicture } from './luma.ts';
import { type FrameFate, NewestFrameSlot, type PinnedFrame } from './newest-frame.ts';
import { type SeenFrame, seenFrame, takenAway } from './seen-frame.ts';

/** What a picture is for: `turn`, a pipeline's model request; `push`, a realtime model. */
export type Purpose = 'turn' | 'push';

/** Where a stream puts its frames. */
export type FrameIntake = Pick<NewestFrameSlot, 'put' | 'clear'>;

/** Frames of one source as they come, for code that looks at them without using them. */
export interface LumaFeed {
  /** Calls the listener for each frame that arrives. Returns the way to stop it. */
  onFrame(listener: (frame: FrameRef) => void): () => void;
  /** A small grey picture of the newest frame; `undefined` if there is none, or none with luma. */
  luma(width: number, height: number): LumaPicture | undefined;
}

export interface PictureRequest {
  sourceId: SourceId;
  purpose: Purpose;
  /** Only if this is still the newest frame. */
  frameId?: number;
  image: EncodeOptions;
  /** Drawn into the picture, for a wire that has no text beside it. */
  caption?: SourceKind | undefined;
  /** Who asked does not wait any more. */
  signal?: AbortSignal;
  /** What becomes of the frame then. */
  late?: () => FrameFate;
}

/** An encoded frame that has not left yet. Its owner ends it exactly once. */
export interface GatePicture {
  readonly sourceId: SourceId;
  readonly ref: FrameRef;
  /** In bytes. */
  readonly size: number;
  /**
   * The picture, in the tick in which it leaves: the caller passes it on at once. `undefined` if
   * what it shows was taken away since it was taken.
   */
  handOver(): EncodedImage | undefined;
  done(fate: FrameFate): void;
}

/** Of an encoded picture: in bytes and in pixels. */
export interface PictureSize extends Size {
  bytes: number;
}

export interface FrameGateDeps {
  ledger: FrameLedger;
  /** Whether frames of this source and participant may be shown now. */
  mayShow(sourceId: SourceId, frame: FrameRef): boolean;
  onEncoded(ms: number): void;
  /** A picture reached a model. Without `image` if what it shows was taken away since. */
  onSent(sent: {
    image: EncodedImage | undefined;
    size: PictureSize;
    ref: FrameRef;
    purpose: Purpose;
  }): void;
}

const sizeOf = ({ data, width, height }: EncodedImage): PictureSize => ({
  bytes: data.length,
  width,
  height,
});

const CLOSED = (): FrameFate => ({ skipped: 'closed' });
const OFF: FrameFate = { skipped: 'off' };

interface Handed {
  keep<T extends object>(content: T, withdraw: (content: T) => void): void;
  isValid(): boolean;
}

/** Frames in the application's hands. One that it made itself is its own, and not here. */
const handed = new WeakMap<SeenFrame, Handed>();

/** Whether what this frame shows was not taken away since: asked in the tick of its use. */
export const mayStillShow = (frame: SeenFrame): boolean => handed.get(frame)?.isValid() ?? true;

/**
 * A picture of this frame is in a request from now on, as with {@link FrameGate.keepRevocable}.
 * @throws LookError if what it shows was taken away since.
 */
export function keepRevocable<T extends object>(
  frame: SeenFrame,
  content: T,
  withdraw: (content: T) => void,
): void {
  if (!mayStillShow(frame)) throw takenAway();
  handed.get(frame)?.keep(content, withdraw);
}

/**
 * The gate that all pixels leave by. Whoever wants a picture asks here, and says what for; no other
 * file reads a frame that was received.
 */
export class FrameGate {
  readonly #deps: FrameGateDeps;
  readonly #slots = new Map<SourceId, NewestFrameSlot>();
  readonly #encodes = new Set<Promise<unknown>>();
  readonly #consent = new Consent();

  constructor(deps: FrameGateDeps) {
    this.#deps = deps;
  }

  /** Where the streams of this source put their frames. */
  intake(sourceId: SourceId): FrameIntake {
    return this.#slot(sourceId);
  }

  /** The newest frame of this source that may be shown, by name. */
  newest(sourceId: SourceId): FrameRef | null {
    const { newest } = this.#slot(sourceId);
    return newest && this.#deps.mayShow(sourceId, newest) ? newest : null;
  }

  /** What was taken before goes nowhere any more, and is taken out of where it went. */
  revoke(what: TakenAway): void {
    for (const slot of this.#slots.values())
      if (slot.newest && isOf(slot.newest, what)) slot.clear();
    this.#consent.revoke(what);
  }

  /** A picture is in a request from now on: if its frame is taken away, `withdraw` is called. */
  keepRevocable<T extends object>(ref: FrameRef, content: T, withdraw: (content: T) => void): void {
    this.#consent.keep(ref, content, withdraw);
  }

  /** The first frame that arrives from now on, of any of these; rejects when the signal aborts. */
  async next(sourceIds: readonly SourceId[], signal: AbortSignal): Promise<FrameRef> {
    const found = new AbortController();
    const either = AbortSignal.any([signal, found.signal]);
    try {
      return await Promise.any(sourceIds.map((sourceId) => this.#next(sourceId, either)));
    } finally {
      found.abort();
    }
  }

  /** Calls the listener for each frame that arrives. Returns the way to stop it. */
  onFrame(sourceId: SourceId, listener: (frame: FrameRef) => void): () => void {
    return this.#slot(sourceId).onFrame(listener);
  }

  /** A small grey picture of the newest frame, which does not count as a use of it. */
  luma(sourceId: SourceId, width: number, height: number): LumaPicture | undefined {
    return this.newest(sourceId) ? this.#slot(sourceId).luma(width, height) : undefined;
  }

  /** Encodes the newest frame; `undefined` if there is none, or it came too late. */
  async picture(request: PictureRequest): Promise<GatePicture | undefined> {
    const { sourceId, purpose, frameId, signal, late = CLOSED } = request;
    const pinned = this.newest(sourceId) && this.#slot(sourceId).pin(frameId);
    if (!pinned) return undefined;
    const { ref } = pinned;
    const isValid = this.#validity(sourceId, ref);
    try {
      const image = await this.#encode(pinned, request);
      if (signal?.aborted || !isValid()) {
        pinned.done(signal?.aborted ? late() : OFF);
        return undefined;
      }
      const size = image.data.length;
      const handOver = () => (isValid() ? image : undefined);
      return {
        sourceId,
        ref,
        size,
        handOver,
        done: (fate) => {
          if (pinned.done(fate) && fate === 'sent')
            this.#deps.onSent({ image: handOver(), size: sizeOf(image), ref, purpose });
        },
      };
    } catch (error) {
      pinned.done(signal?.aborted ? late() : { skipped: 'encode-failed' });
      throw error;
    }
  }

  /** A copy of the newest frame, for the application. */
  async frame(sourceId: SourceId): Promise<SeenFrame | undefined> {
    const pinned = this.newest(sourceId) && this.#slot(sourceId).pin();
    if (!pinned) return undefined;
    const { ref } = pinned;
    const isValid = this.#validity(sourceId, ref);
    const frame = seenFrame(pinned, isValid);
    handed.set(frame, {
      isValid,
      keep: (content, withdraw) => this.keepRevocable(ref, content, withdraw),
    });
    return frame;
  }

  /** Drops the newest frame of this source, unless a newer one than `upToId` is there. */
  clear(sourceId: SourceId, upToId?: number): void {
    this.#slot(sourceId).clear(upToId);
  }

  /** The session is over. Done when no frame is being encoded. */
  async close(): Promise<void> {
    for (const slot of this.#slots.values()) slot.clear();
    await Promise.allSettled(this.#encodes);
  }

  async #encode(pinned: PinnedFrame, { image, caption }: PictureRequest): Promise<EncodedImage> {
    const startedAt = performance.now();
    const encode = async () => {
      const frame = { frame: pinned.read(), rotation: pinned.rotation };
      const encoded = await encodeFrame(frame, image);
      return caption ? withCaption(encoded, caption) : encoded;
    };
    const encoding = encode();
    this.#encodes.add(encoding);
    try {
      const encoded = await encoding;
      this.#deps.onEncoded(performance.now() - startedAt);
      return encoded;
    } finally {
      this.#encodes.delete(encoding);
    }
  }

  /** Asks whether a frame that is taken now may still be shown. */
  #validity(sourceId: SourceId, ref: FrameRef): () => boolean {
    const stamp = this.#consent.stamp(ref);
    return () => this.#consent.stamp(ref) === stamp && this.#deps.mayShow(sourceId, ref);
  }

  async #next(sourceId: SourceId, signal: AbortSignal): Promise<FrameRef> {
    for (;;) {
      const frame = await this.#slot(sourceId).next(signal);
      if (this.#deps.mayShow(sourceId, frame)) return frame;
    }
  }

  #slot(sourceId: SourceId): NewestFrameSlot {
    let slot = this.#slots.get(sourceId);
    if (!slot) {
      slot = new NewestFrameSlot(this.#deps.ledger);
      this.#slots.set(sourceId, slot);
    }
    return slot;
  }
}
