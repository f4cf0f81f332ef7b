import { fromPromise } from 'xstate';
import { EncodeError } from '../errors.ts';
import { type EncodedImage, type EncodeOptions, encodeFrame } from '../frames/encode.ts';
import type { FrameFate, NewestFrameSlot, PinnedFrame } from '../frames/newest-frame.ts';
import type { FrameRef } from '../machines/turn-completion.types.ts';
import type { Picture, TurnShow } from '../models/chat-pictures.ts';
import type { MotionStrip } from './motion-strip.ts';

/** How a frame becomes the picture of a turn. */
export interface TurnPictureOptions {
  image: EncodeOptions;
  /** Fit inside, aspect kept; `undefined` does not limit this side. In pixels. */
  inferenceWidth: number | undefined;
  inferenceHeight: number | undefined;
  /** A frame older than this is not attached, in ms. */
  maxFrameAgeMs: number;
  /** Most bytes of all pictures of a turn: the earliest go first. */
  maxBytes: number;
}

/** One source that a turn shows: its newest frame, and how the turn went. */
export interface TurnView {
  readonly slot: NewestFrameSlot;
  readonly strip: MotionStrip;
}

interface PinnedPicture extends Picture {
  readonly view: TurnView;
  readonly pinned: PinnedFrame;
}

interface Show extends TurnShow {
  readonly newest: readonly PinnedPicture[];
}

interface EncodeRequest {
  frameId: number;
  requestId: number;
}

export interface TurnPicturesDeps {
  views: readonly TurnView[];
  options: TurnPictureOptions;
  onEncoded?(ms: number): void;
  /** A picture beside the first failed: the turn goes without it. */
  onError?(error: unknown): void;
}

/** The pictures of the model requests that are under way, by the number of the request. */
export class TurnPictures {
  readonly #deps: TurnPicturesDeps;
  readonly #shows = new Map<number, Show>();
  readonly #encodes = new Set<Promise<FrameRef>>();
  #isClosed = false;

  constructor(deps: TurnPicturesDeps) {
    this.#deps = deps;
  }

  /** The newest frame of all sources. */
  get newest(): FrameRef | null {
    const frames = this.#deps.views.flatMap(({ slot }) => slot.newest ?? []);
    return frames.reduce<FrameRef | null>(
      (newest, frame) => (newest && newest.receivedAt >= frame.receivedAt ? newest : frame),
      null,
    );
  }

  /**
   * Encodes the frame, or a newer one where it was replaced, and the newest of the other sources,
   * as the pictures of this request.
   */
  readonly encode = () =>
    fromPromise<FrameRef, EncodeRequest>(({ input, signal }) => {
      const encode = this.#encode(input, signal);
      const end = () => this.#encodes.delete(encode);
      this.#encodes.add(encode);
      encode.then(end, end);
      return encode;
    });

  async #encode({ frameId, requestId }: EncodeRequest, signal: AbortSignal): Promise<FrameRef> {
    const { views, onError } = this.#deps;
    const leading =
      views.find(({ slot }) => slot.newest?.id === frameId) ??
      views.find(({ slot }) => slot.newest !== null);
    if (!leading) throw new EncodeError('the frame is gone: its stream was closed');
    const others = views.filter((view) => view !== leading && this.#isFresh(view));
    const [first, ...rest] = await Promise.allSettled(
      [leading, ...others].map((view) => this.#picture(view, signal)),
    );
    for (const { reason } of rest.filter((one) => one.status === 'rejected')) onError?.(reason);
    const newest = [first, ...rest].flatMap((one) =>
      one?.status === 'fulfilled' ? one.value : [],
    );
    if (first?.status !== 'fulfilled' || signal.aborted) {
      for (const { pinned } of newest) pinned.done(this.#late());
      throw first?.status === 'rejected' ? first.reason : new EncodeError('it came too late');
    }
    newest.sort((a, b) => views.indexOf(a.view) - views.indexOf(b.view));
    this.#shows.set(requestId, { earlier: this.#earlier(newest), newest });
    return first.value.ref;
  }

  async #picture(view: TurnView, signal: AbortSignal): Promise<PinnedPicture> {
    const pinned = view.slot.pin();
    if (!pinned) throw new EncodeError('the frame is gone: its stream was closed');
    try {
      return { view, pinned, ref: pinned.ref, image: await this.encodePinned(pinned) };
    } catch (error) {
      pinned.done(signal.aborted ? this.#late() : { skipped: 'encode-failed' });
      throw error;
    }
  }

  /** A frame as the picture of a turn. */
  async encodePinned(pinned: PinnedFrame): Promise<EncodedImage> {
    const { options, onEncoded } = this.#deps;
    const startedAt = performance.now();
    const frame = { frame: pinned.read(), rotation: pinned.rotation };
    const image = await encodeFrame(frame, turnEncodeOptions(options));
    onEncoded?.(performance.now() - startedAt);
    return image;
  }

  /** As many of the pictures before these as the limit of bytes leaves. */
  #earlier(newest: readonly PinnedPicture[]): Picture[] {
    const shown = new Set(newest.map(({ ref }) => ref.id));
    const pictures = this.#deps.views
      .flatMap(({ strip }) => strip.pictures)
      .filter(({ ref }) => !shown.has(ref.id))
      .sort((a, b) => a.ref.id - b.ref.id);
    const left = Math.max(0, this.#deps.options.maxBytes - bytesOf(newest));
    while (bytesOf(pictures) > left) pictures.shift();
    return pictures;
  }

  #isFresh({ slot: { newest } }: TurnView): boolean {
    return newest !== null && Date.now() - newest.receivedAt <= this.#deps.options.maxFrameAgeMs;
  }

  #late = (): FrameFate => ({ skipped: this.#isClosed ? 'closed' : 'over-budget' });

  /** What a request that is under way shows. */
  get(requestId: number): TurnShow | undefined {
    return this.#shows.get(requestId);
  }

  /** The request is over: what was sent is not shown again. */
  settle(requestId: number, fate: FrameFate): void {
    const show = this.#shows.get(requestId);
    if (!show) return;
    this.#shows.delete(requestId);
    for (const { pinned, view, ref } of show.newest) {
      pinned.done(fate);
      if (fate === 'sent') view.slot.clear(ref.id);
    }
    if (fate !== 'sent') return;
    const earlier = show.earlier.map(({ ref }) => ref.id);
    for (const { strip } of this.#deps.views) strip.sent(earlier);
  }

  /** The session is over. Done when no encode is under way any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#encodes);
    for (const requestId of [...this.#shows.keys()]) this.settle(requestId, { skipped: 'closed' });
  }
}

const bytesOf = (pictures: readonly Picture[]): number =>
  pictures.reduce((sum, { image }) => sum + image.data.length, 0);

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
