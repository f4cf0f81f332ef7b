import { fromPromise } from 'xstate';
import { EncodeError } from '../errors.ts';
import { withCaption } from '../frames/caption.ts';
import { type EncodedImage, type EncodeOptions, encodeFrame } from '../frames/encode.ts';
import type { NewestFrameSlot, PinnedFrame } from '../frames/newest-frame.ts';
import type { CaptureResult, PushOutcome } from '../machines/frame-sampling.types.ts';
import type { SourceKind } from '../machines/track-discovery.types.ts';
import type { RealtimeVideoSink } from '../models/video-sink.ts';

export interface FrameCapturesDeps {
  slot: NewestFrameSlot;
  /** Format and size for the model of this moment. */
  picture(): EncodeOptions;
  /** The model is told what each picture shows: there are several sources. */
  isLabelled: boolean;
  /** The sink of the model's session of this moment. */
  sink(): RealtimeVideoSink | undefined;
  onEncoded(ms: number): void;
  onSent(frame: PinnedFrame['ref'], image: EncodedImage): void;
  /** What was taken is not the picture to send any more: another one is wanted at once. */
  onOvertaken(): void;
}

interface Captured {
  pinned: PinnedFrame;
  image: EncodedImage;
  /** What the model was connected by when the frame was taken. */
  connection: object | undefined;
}

/** The frame that is on its way to a realtime model: one at a time. */
export class FrameCaptures {
  readonly #deps: FrameCapturesDeps;
  #captured: Captured | undefined;
  #encoding: Promise<unknown> = Promise.resolve();
  #lastId = 0;
  #lastConnection: object | undefined;

  constructor(deps: FrameCapturesDeps) {
    this.#deps = deps;
  }

  /** Takes the newest frame and encodes it; `null` where none came since the last one. */
  readonly capture = () =>
    fromPromise<CaptureResult>(async ({ signal }) => {
      const { slot, picture, onEncoded } = this.#deps;
      const connection = this.#deps.sink()?.connection();
      if (connection !== this.#lastConnection) {
        // A new connection has seen nothing, also not the frame that the one before got.
        this.#lastConnection = connection;
        this.#lastId = 0;
      }
      const newest = slot.newest;
      const pinned = newest && newest.id > this.#lastId ? slot.pin(newest.id) : undefined;
      if (!pinned) return null;
      this.#lastId = pinned.ref.id;
      const startedAt = performance.now();
      try {
        const encoding = encodeFrame(
          { frame: pinned.read(), rotation: pinned.rotation },
          picture(),
        );
        this.#encoding = encoding.catch(() => {});
        const image = await this.#captioned(await encoding, pinned.ref.source);
        onEncoded(performance.now() - startedAt);
        if (signal.aborted) throw new EncodeError('the session was closed');
        this.#captured = { pinned, image, connection };
        return { frameId: pinned.ref.id };
      } catch (error) {
        pinned.done({ skipped: signal.aborted ? 'closed' : 'encode-failed' });
        throw error;
      }
    });

  /** Hands it to the model. */
  readonly push = () =>
    fromPromise<PushOutcome, { frameId: number }>(async () => {
      const captured = this.#captured;
      this.#captured = undefined;
      if (!captured) return { result: 'no-frame' };
      const { pinned, image } = captured;
      if (this.#isOvertaken(captured)) {
        pinned.done({ skipped: 'overtaken' });
        this.#deps.onOvertaken();
        return { result: 'overtaken' };
      }
      try {
        const result =
          this.#deps.sink()?.push(image, this.#label(pinned.ref.source)) ?? 'not-connected';
        if (result === 'sent') this.#deps.onSent(pinned.ref, image);
        pinned.done(result === 'sent' ? 'sent' : { skipped: result });
        return { result };
      } catch (error) {
        pinned.done({ skipped: 'push-failed' });
        throw error;
      }
    });

  #label(source: SourceKind): string | undefined {
    return this.#deps.isLabelled ? `${source}:` : undefined;
  }

  /** With its label in the picture, for a wire that has no text beside it. */
  #captioned(image: EncodedImage, source: SourceKind): EncodedImage | Promise<EncodedImage> {
    const label = this.#label(source);
    return label && this.#deps.sink()?.labelsInPicture ? withCaption(image, source) : image;
  }

  /** Another source is seen by now, or another connection wants the newest frame first. */
  #isOvertaken({ pinned: { ref }, connection }: Captured): boolean {
    const { newest } = this.#deps.slot;
    if (newest?.trackSid !== ref.trackSid) return true;
    return newest.id > ref.id && this.#deps.sink()?.connection() !== connection;
  }

  /** The session is over; done when no frame is in use. */
  async close(): Promise<void> {
    this.#captured?.pinned.done({ skipped: 'closed' });
    this.#captured = undefined;
    await this.#encoding;
  }
}
