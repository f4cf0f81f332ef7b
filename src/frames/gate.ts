import type { FrameRef } from '../frame.ts';
import type { SourceId } from '../source.ts';
import { withCaption } from './caption.ts';
import { Consent, isOf, type TakenAway } from './consent.ts';
import { encodeFrame } from './encode.ts';
import { copyOf } from './frame-edit.ts';
import { type FramePart, partOf } from './frame-part.ts';
import type {
  FrameGateDeps,
  FrameIntake,
  GatePicture,
  PictureRequest,
  PictureSize,
} from './gate.types.ts';
import { handOut } from './handed-frames.ts';
import type { KeptFrame, WhichFrame } from './kept-frames.ts';
import type { LumaPicture } from './luma.ts';
import { ModelFrames } from './model-frames.ts';
import { type FrameFate, NewestFrameSlot } from './newest-frame.ts';
import { WHOLE } from './picture-place.ts';
import { type FrameProcessing, ProcessedFrames, type ShownFrame } from './processed-frames.ts';
import { type SeenFrame, seenFrame } from './seen-frame.ts';
import type { ShownFrames } from './shown-frames.ts';
import { encodeTiled, type TiledImage } from './tiles.ts';

const sizesOf = (image: TiledImage): PictureSize[] =>
  [image, ...(image.tiles ?? [])].map(({ data, width, height }) => ({
    bytes: data.length,
    width,
    height,
  }));

const CLOSED = (): FrameFate => ({ skipped: 'closed' });
const OFF: FrameFate = { skipped: 'off' };
const WITHHELD: FrameFate = { skipped: 'processor' };
const UNPROCESSED: FrameProcessing = {
  isActive: false,
  intervalMs: 0,
  process: async (frame) => ({ frame, area: WHOLE }),
};

/** One source: its newest frame, and what the processors make of it. */
interface GateSource {
  readonly slot: NewestFrameSlot;
  readonly processed: ProcessedFrames;
}

/**
 * The only exit of pixels. Every use requests its pictures here and names its purpose; no other
 * file reads a received frame.
 */
export class FrameGate {
  readonly #deps: FrameGateDeps;
  readonly #sources = new Map<SourceId, GateSource>();
  readonly #processing: FrameProcessing;
  readonly #work = new Set<Promise<unknown>>();
  readonly #consent = new Consent();
  readonly #modelFrames = new ModelFrames();
  /** How often the processors were changed. */
  #changes = 0;

  constructor(deps: FrameGateDeps) {
    this.#deps = deps;
    this.#processing = deps.processing ?? UNPROCESSED;
  }

  /** The frames that the model was shown. */
  get shown(): ShownFrames {
    return this.#modelFrames.shown;
  }

  /** The destination of this source's streams. */
  intake(sourceId: SourceId): FrameIntake {
    return this.#slot(sourceId);
  }

  /** The newest frame of this source that may be shown. */
  newest(sourceId: SourceId): FrameRef | null {
    const { newest } = this.#slot(sourceId);
    return newest && this.#deps.mayShow(sourceId, newest) ? newest : null;
  }

  /** Earlier frames can no longer be shown, and their pictures are removed from where they went. */
  revoke(what: TakenAway): void {
    for (const { slot, processed } of this.#sources.values()) {
      if (slot.newest && isOf(slot.newest, what)) slot.clear();
      processed.clear();
    }
    this.#modelFrames.revoke(what);
    this.#consent.revoke(what);
  }

  /**
   * The processors were changed: what the old ones let through is withdrawn. The newest frames
   * stay, because a still screen sends no other.
   */
  processAgain(): void {
    this.#changes += 1;
    for (const { processed } of this.#sources.values()) processed.clear();
    this.#modelFrames.revoke('all');
    this.#consent.revoke('all');
  }

  /** A picture is part of a request from now on. `withdraw` is called if its frame is withdrawn. */
  keepRevocable<T extends object>(ref: FrameRef, content: T, withdraw: (content: T) => void): void {
    this.#consent.keep(ref, content, withdraw);
  }

  /**
   * The first frame of any of these sources that arrives after the call; rejects if the signal
   * aborts.
   */
  async next(sourceIds: readonly SourceId[], signal: AbortSignal): Promise<FrameRef> {
    const found = new AbortController();
    const either = AbortSignal.any([signal, found.signal]);
    try {
      return await Promise.any(sourceIds.map((sourceId) => this.#next(sourceId, either)));
    } finally {
      found.abort();
    }
  }

  /** Calls the listener for each frame that arrives, before any processor. Returns its end. */
  onArrival(sourceId: SourceId, listener: (frame: FrameRef) => void): () => void {
    return this.#slot(sourceId).onFrame(listener);
  }

  /**
   * Calls the listener for each frame that can be used. It may be in use by a processor for a time,
   * and only the newest one follows it. Returns a function that removes the listener.
   * @param everyMs - Only for one frame in this time. Processors cost less then.
   */
  onFrame(sourceId: SourceId, listener: (frame: FrameRef) => void, everyMs?: number): () => void {
    return this.#source(sourceId).processed.onFrame(listener, everyMs);
  }

  /** A small grey picture of the newest frame; it does not count as a use of the frame. */
  luma(sourceId: SourceId, width: number, height: number): LumaPicture | undefined {
    return this.newest(sourceId) ? this.#source(sourceId).processed.luma(width, height) : undefined;
  }

  /** Encodes the newest frame; `undefined` if there is none, or it was too late. */
  picture(request: PictureRequest): Promise<GatePicture | undefined> {
    return this.#counted(this.#current(() => this.#picture(request)));
  }

  /** A copy of the newest frame, or of a part of it, for the application. */
  frame(sourceId: SourceId, part?: FramePart): Promise<SeenFrame | undefined> {
    return this.#counted(this.#current(() => this.#frame(sourceId, part)));
  }

  /** Keeps the newest frames that models are shown from now on, for {@link FrameGate.shownFrame}. */
  keepShown(): void {
    this.#modelFrames.keepPixels();
  }

  /** A part of a frame that a model was shown; `undefined` if it is not kept any more. */
  async shownFrame(which: WhichFrame, part: FramePart): Promise<SeenFrame | undefined> {
    const kept = this.#modelFrames.find(which);
    return kept && this.#counted(this.#handOut(kept, part, true));
  }

  /** Drops the newest frame of this source, unless it is newer than `upToId`. */
  clear(sourceId: SourceId, upToId?: number): void {
    this.#slot(sourceId).clear(upToId);
  }

  /** Ends the session's frames. Resolves when no frame is being processed or encoded. */
  async close(): Promise<void> {
    for (const { slot, processed } of this.#sources.values()) {
      slot.clear();
      processed.clear();
    }
    this.#modelFrames.close();
    await Promise.allSettled(this.#work);
  }

  async #picture(request: PictureRequest): Promise<GatePicture | undefined> {
    const { sourceId, purpose, frameId, signal, late = CLOSED } = request;
    const pinned = this.newest(sourceId) && this.#slot(sourceId).pin(frameId);
    if (!pinned) return undefined;
    const { ref } = pinned;
    const isValid = this.#validity(sourceId, ref);
    try {
      const shown = await this.#source(sourceId).processed.shown(pinned);
      if (!shown) {
        pinned.done(WITHHELD);
        return undefined;
      }
      const image = await this.#encode(shown, request);
      if (signal?.aborted || !isValid()) {
        pinned.done(signal?.aborted ? late() : OFF);
        return undefined;
      }
      const sizes = sizesOf(image);
      const size = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
      const whole = (image.tiles && request.tiles?.overview) ?? request.image;
      let isOpen = true;
      const handOver = () => (isValid() ? image : undefined);
      return {
        sourceId,
        ref,
        size,
        luma: (width, height) => (isOpen ? shown.luma(width, height) : undefined),
        handOver,
        done: (fate) => {
          isOpen = false;
          if (!pinned.done(fate) || fate !== 'sent') return;
          if (isValid()) this.#modelFrames.add({ sourceId, shown, isValid }, whole);
          this.#deps.onSent({ image: handOver(), sizes, ref, purpose });
        },
      };
    } catch (error) {
      pinned.done(signal?.aborted ? late() : { skipped: 'encode-failed' });
      throw error;
    }
  }

  async #frame(sourceId: SourceId, part?: FramePart): Promise<SeenFrame | undefined> {
    const pinned = this.newest(sourceId) && this.#slot(sourceId).pin();
    if (!pinned) return undefined;
    const isValid = this.#validity(sourceId, pinned.ref);
    try {
      const shown = await this.#source(sourceId).processed.shown(pinned);
      const frame = shown && (await this.#handOut({ sourceId, shown, isValid }, part));
      pinned.done(frame ? 'sent' : shown ? OFF : WITHHELD);
      return frame;
    } catch (error) {
      pinned.done({ skipped: 'encode-failed' });
      throw error;
    }
  }

  /** A frame for the application; `undefined` if its video was switched off meanwhile. */
  async #handOut(
    kept: KeptFrame,
    part: FramePart | undefined,
    wasShown = false,
  ): Promise<SeenFrame | undefined> {
    const { shown, isValid } = kept;
    const { ref } = shown;
    // The application may paint on its copy, and others use the same frame.
    const frame = part ? await partOf(shown, part) : copyOf(shown.frame);
    if (!isValid()) return undefined;
    const { width, height } = part ? frame : ref;
    const rotation = part ? 0 : shown.rotation;
    const seen = seenFrame({ ref: { ...ref, width, height }, frame, rotation }, isValid);
    const result = part?.region ? { ...seen, region: part.region, wasShown } : seen;
    handOut(result, {
      isValid,
      keep: (content, withdraw) => this.keepRevocable(ref, content, withdraw),
      noteShown: ({ image, options, purpose }) => {
        this.#modelFrames.add(kept, part?.region ? undefined : options);
        this.#deps.onSent({ image, sizes: sizesOf(image), ref, purpose });
      },
    });
    return result;
  }

  async #encode(shown: ShownFrame, request: PictureRequest): Promise<TiledImage> {
    const { image, tiles, caption } = request;
    const startedAt = performance.now();
    const encoded = await (tiles ? encodeTiled(shown, image, tiles) : encodeFrame(shown, image));
    const labelled = caption ? await withCaption(encoded, caption) : encoded;
    this.#deps.onEncoded(performance.now() - startedAt);
    return labelled;
  }

  /** The result of the work; that of processors which were replaced meanwhile is void. */
  async #current<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
    for (;;) {
      const changes = this.#changes;
      const result = await work();
      if (result || changes === this.#changes) return result;
    }
  }

  /** Work that `close` waits for. */
  async #counted<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    try {
      return await work;
    } finally {
      this.#work.delete(work);
    }
  }

  /** Returns a function that checks whether a frame taken now may still be shown. */
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
    return this.#source(sourceId).slot;
  }

  #source(sourceId: SourceId): GateSource {
    let source = this.#sources.get(sourceId);
    if (!source) {
      const slot = new NewestFrameSlot(this.#deps.ledger);
      const mayShow = () => this.newest(sourceId) !== null;
      const processed = new ProcessedFrames({ slot, processing: this.#processing, mayShow });
      source = { slot, processed };
      this.#sources.set(sourceId, source);
    }
    return source;
  }
}
