import { fromPromise } from 'xstate';
import type { FrameRef } from '../frame.ts';
import type { EncodedImage } from '../frames/encode.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { GatePicture, PictureRequest } from '../frames/gate.types.ts';
import type { LumaPicture } from '../frames/luma.ts';
import type { CaptureResult, OfSource, PushOutcome } from '../machines/frame-sampling.types.ts';
import { labelOf, nameOf } from '../models/chat-pictures.ts';
import type { RealtimeVideoSink } from '../models/video-sink.ts';
import { likenessSizeOf } from '../scene/likeness.ts';
import type { SourceId, SourceKind } from '../source.ts';

export interface FrameCapturesDeps {
  gate: FrameGate;
  /** How the current model is shown a source. */
  picture(source: SourceKind): Pick<PictureRequest, 'image' | 'tiles'>;
  /** Whether the model gets the name of each picture's source: there are several. */
  isLabelled: boolean;
  /** The sink of the current model session. */
  sink(): RealtimeVideoSink | undefined;
  onSent(picture: GatePicture, image: EncodedImage): void;
}

/** The frame of one source that a connection got last. */
export interface SentFrame {
  /** In ms since the epoch. */
  readonly at: number;
  /** A small grey picture of it; `undefined` if it had no luma. */
  readonly luma: LumaPicture | undefined;
}

/** The frame of one source on its way to a realtime model; one at a time. */
interface Capture {
  picture?: GatePicture | undefined;
  /** Identifies the model's connection at the last capture, or the one that got its frame. */
  connection?: object | undefined;
  /** The last frame that this connection got. */
  lastId: number;
  sent?: SentFrame | undefined;
}

/** The frames on their way to a realtime model, by source. */
export class FrameCaptures {
  readonly #deps: FrameCapturesDeps;
  readonly #captures = new Map<SourceId, Capture>();

  constructor(deps: FrameCapturesDeps) {
    this.#deps = deps;
  }

  /** Encodes the newest frame; `null` if none arrived since the last one. */
  readonly capture = () =>
    fromPromise<CaptureResult, OfSource>(async ({ input: { sourceId }, signal }) => {
      const { gate } = this.#deps;
      const capture = this.#of(sourceId);
      const connection = this.#deps.sink()?.connection();
      if (connection !== capture.connection) {
        // A new connection has seen nothing, not even the last frame of the previous one.
        capture.connection = connection;
        capture.lastId = 0;
        capture.sent = undefined;
      }
      for (;;) {
        const newest = gate.newest(sourceId);
        if (!newest || newest.id <= capture.lastId || signal.aborted) return null;
        const caption = this.#deps.sink()?.labelsInPicture && this.#deps.isLabelled;
        capture.picture = await gate.picture({
          sourceId,
          purpose: 'push',
          frameId: newest.id,
          ...this.#deps.picture(newest.source),
          caption: caption ? newest.source : undefined,
          signal,
        });
        if (capture.picture) return { frameId: newest.id };
        // A frame that was taken away leaves the next one to a track that is watched by now.
        if (gate.newest(sourceId)?.trackSid === newest.trackSid) return null;
      }
    });

  /** Lets the newest frame of this source be sent again, although the model has it. */
  showAgain(sourceId: SourceId): void {
    this.#of(sourceId).lastId = 0;
  }

  /** Sends it to the model. */
  readonly push = () =>
    fromPromise<PushOutcome, OfSource & { frameId: number }>(async ({ input: { sourceId } }) => {
      const capture = this.#of(sourceId);
      const { picture } = capture;
      capture.picture = undefined;
      if (!picture) return { result: 'no-frame' };
      try {
        const { width, height } = likenessSizeOf(picture.ref.source);
        const luma = picture.luma(width, height);
        const result = this.#isOvertaken(picture, capture) ? 'overtaken' : this.#send(picture);
        if (result === 'sent') {
          // It may have opened since the capture.
          capture.connection = this.#deps.sink()?.connection();
          capture.lastId = picture.ref.id;
          this.#remember(capture, picture.ref, { at: Date.now(), luma });
        }
        picture.done(result === 'sent' ? 'sent' : { skipped: result });
        return { result };
      } catch (error) {
        picture.done({ skipped: 'push-failed' });
        throw error;
      }
    });

  /** The frame of this source that the model's current connection got last. */
  lastSent(sourceId: SourceId): SentFrame | undefined {
    const capture = this.#captures.get(sourceId);
    const isConnected = capture && capture.connection === this.#deps.sink()?.connection();
    return isConnected ? capture.sent : undefined;
  }

  /** What was taken away is no longer what the model has. */
  #remember(capture: Capture, ref: FrameRef, sent: SentFrame): void {
    capture.sent = sent;
    this.#deps.gate.keepRevocable(ref, sent, (gone) => {
      if (capture.sent === gone) capture.sent = undefined;
    });
  }

  #send(picture: GatePicture): PushOutcome['result'] {
    const image = picture.handOver();
    if (!image) return 'off';
    const isLabelled = this.#deps.isLabelled || image.tiles;
    const label = isLabelled ? `${labelOf(nameOf(picture.ref), image)}:` : undefined;
    const origin = { sourceId: picture.sourceId, label };
    const result = this.#deps.sink()?.push(image, origin) ?? 'not-connected';
    if (result === 'sent') this.#deps.onSent(picture, image);
    return result;
  }

  /** Another track is watched by now, or a new connection needs the newest frame first. */
  #isOvertaken({ sourceId, ref }: GatePicture, { connection }: Capture): boolean {
    const newest = this.#deps.gate.newest(sourceId);
    if (newest?.trackSid !== ref.trackSid) return true;
    return newest.id > ref.id && this.#deps.sink()?.connection() !== connection;
  }

  #of(sourceId: SourceId): Capture {
    const known = this.#captures.get(sourceId);
    if (known) return known;
    const capture: Capture = { lastId: 0 };
    this.#captures.set(sourceId, capture);
    return capture;
  }

  /** Call when the session ends. */
  close(): void {
    for (const { picture } of this.#captures.values()) picture?.done({ skipped: 'closed' });
    this.#captures.clear();
  }
}
