import type { FrameRef } from '../frame.ts';
import type { SourceId, SourceKind } from '../source.ts';
import type { EncodedImage, EncodeOptions } from './encode.ts';
import type { FrameLedger } from './frame-ledger.ts';
import type { Size } from './geometry.ts';
import type { Purpose } from './handed-frames.ts';
import type { LumaPicture } from './luma.ts';
import type { FrameFate, NewestFrameSlot } from './newest-frame.ts';
import type { FrameProcessing } from './processed-frames.ts';
import type { TiledImage, TileRequest } from './tiles.ts';

export type { Purpose } from './handed-frames.ts';

/** The destination of a stream's frames. */
export type FrameIntake = Pick<NewestFrameSlot, 'put' | 'clear'>;

/** The frames of one source as they arrive, for code that inspects them without using them. */
export interface LumaFeed {
  /**
   * Calls the listener for each frame that arrives. Returns a function that removes it.
   * @param everyMs - Only for one frame in this time, so that processors get no others. A frame that
   * is too early waits, and is left out only if another one follows.
   */
  onFrame(listener: (frame: FrameRef) => void, everyMs?: number): () => void;
  /** A small grey picture of the newest frame; `undefined` if there is no frame with luma. */
  luma(width: number, height: number): LumaPicture | undefined;
}

export interface PictureRequest {
  sourceId: SourceId;
  purpose: Purpose;
  /** Take only this frame, if it is still the newest. */
  frameId?: number;
  image: EncodeOptions;
  /** The picture of a shared screen that is scaled down may have these tiles. */
  tiles?: TileRequest | undefined;
  /** Text drawn into the picture, for protocols without text next to a picture. */
  caption?: SourceKind | undefined;
  /** Aborts if the picture is no longer needed. */
  signal?: AbortSignal;
  /** The frame's outcome in that case. */
  late?: () => FrameFate;
}

/** An encoded frame that has not left the gate. Its owner ends it exactly once. */
export interface GatePicture {
  readonly sourceId: SourceId;
  readonly ref: FrameRef;
  /** In bytes, with its tiles. */
  readonly size: number;
  /** A small grey picture of its frame, until `done`; `undefined` if the frame has no luma. */
  luma(width: number, height: number): LumaPicture | undefined;
  /**
   * Returns the picture; the caller must send it in the same tick. `undefined` if its video was
   * switched off after it was taken.
   */
  handOver(): TiledImage | undefined;
  done(fate: FrameFate): void;
}

/** Size of an encoded picture, in bytes and pixels. */
export interface PictureSize extends Size {
  bytes: number;
}

export interface FrameGateDeps {
  ledger: FrameLedger;
  /** Whether frames of this source and participant may be shown now. */
  mayShow(sourceId: SourceId, frame: FrameRef): boolean;
  /** What each frame passes before it is used. */
  processing?: FrameProcessing;
  onEncoded(ms: number): void;
  /** A picture was sent to a model. Without `image` if its video was switched off meanwhile. */
  onSent(sent: {
    image: EncodedImage | undefined;
    /** Of the picture and of its tiles. */
    sizes: readonly PictureSize[];
    ref: FrameRef;
    purpose: Purpose;
  }): void;
}
