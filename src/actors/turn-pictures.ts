import { fromPromise } from 'xstate';
import { EncodeError } from '../errors.ts';
import { type EncodedImage, type EncodeOptions, encodeFrame } from '../frames/encode.ts';
import type { FrameFate, NewestFrameSlot, PinnedFrame } from '../frames/newest-frame.ts';
import type { FrameRef } from '../machines/turn-completion.types.ts';

/** How a frame becomes the picture of a turn. */
export interface TurnPictureOptions {
  image: EncodeOptions;
  /** Fit inside, aspect kept; `undefined` does not limit this side. In pixels. */
  inferenceWidth: number | undefined;
  inferenceHeight: number | undefined;
}

interface TurnPicture {
  readonly pinned: PinnedFrame;
  readonly image: EncodedImage;
}

interface EncodeRequest {
  frameId: number;
  requestId: number;
}

/** The pictures of the model requests that are under way, by the number of the request. */
export class TurnPictures {
  readonly #slot: NewestFrameSlot;
  readonly #options: TurnPictureOptions;
  readonly #onEncoded: (ms: number) => void;
  readonly #pictures = new Map<number, TurnPicture>();
  readonly #encodes = new Set<Promise<FrameRef>>();
  #isClosed = false;

  constructor(
    slot: NewestFrameSlot,
    options: TurnPictureOptions,
    onEncoded: (ms: number) => void = () => {},
  ) {
    this.#slot = slot;
    this.#options = options;
    this.#onEncoded = onEncoded;
  }

  /** Encodes the frame, or a newer one where it was replaced, as the picture of this request. */
  readonly encode = () =>
    fromPromise<FrameRef, EncodeRequest>(({ input, signal }) => {
      const encode = this.#encode(input, signal);
      const end = () => this.#encodes.delete(encode);
      this.#encodes.add(encode);
      encode.then(end, end);
      return encode;
    });

  async #encode({ frameId, requestId }: EncodeRequest, signal: AbortSignal): Promise<FrameRef> {
    const pinned = this.#slot.pin(frameId) ?? this.#slot.pin();
    if (!pinned) throw new EncodeError('the frame is gone: its stream was closed');
    const startedAt = performance.now();
    const late = () => ({ skipped: this.#isClosed ? 'closed' : 'over-budget' });
    try {
      const image = await encodeFrame(
        { frame: pinned.read(), rotation: pinned.rotation },
        turnEncodeOptions(this.#options),
      );
      this.#onEncoded(performance.now() - startedAt);
      if (signal.aborted) pinned.done(late());
      else this.#pictures.set(requestId, { pinned, image });
      return pinned.ref;
    } catch (error) {
      pinned.done(signal.aborted ? late() : { skipped: 'encode-failed' });
      throw error;
    }
  }

  /** The picture of a request that is under way. */
  get(requestId: number): EncodedImage | undefined {
    return this.#pictures.get(requestId)?.image;
  }

  /** The request is over. */
  settle(requestId: number, fate: FrameFate): void {
    this.#pictures.get(requestId)?.pinned.done(fate);
    this.#pictures.delete(requestId);
  }

  /** The session is over. Done when no encode is under way any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#encodes);
    for (const requestId of [...this.#pictures.keys()])
      this.settle(requestId, { skipped: 'closed' });
  }
}

/** The largest side of an encoded picture: so large a box leaves the other side to decide. */
const UNLIMITED = 16_383;

/** The options of `encodeFrame` for the picture of a turn. */
function turnEncodeOptions({
  image,
  inferenceWidth,
  inferenceHeight,
}: TurnPictureOptions): EncodeOptions {
  if (inferenceWidth === undefined && inferenceHeight === undefined) return image;
  return {
    enlarge: false,
    ...image,
    resize: {
      width: inferenceWidth ?? UNLIMITED,
      height: inferenceHeight ?? UNLIMITED,
      strategy: 'scale_aspect_fit',
    },
  };
}
