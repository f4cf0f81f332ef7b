import { type Room, RpcError, type RpcInvocationData } from '@livekit/rtc-node';
import { FaceDetector } from '../../../examples/detector/face-detector.ts';
import { hideFaces } from '../../../examples/faces.ts';
import { FACES_ATTRIBUTE, FACES_METHOD, VIEW_TRACK } from '../../../examples/web/protocol.ts';
import {
  annotate,
  VideoOutput,
  type VideoProcessor,
  type VideoSession,
} from '../../../src/index.ts';

interface HiddenSession {
  video: VideoSession;
  room: Room;
  /** The visitor whom the agent serves: only they may switch. */
  visitor(): string | undefined;
}

/** A search on a busy machine, in ms. */
const SEARCH_LIMIT_MS = 5000;
/** Time between two pictures of the view, in ms. */
const VIEW_INTERVAL_MS = 250;
const VIEW = { width: 640, height: 360, name: VIEW_TRACK };
/** Codes of the RPC errors, as those of HTTP. */
const NOT_SERVED = 403;
const UNAVAILABLE = 503;

/**
 * Hides faces from the model when the visitor asks for it, and then shows the visitor what the model
 * gets: each face is masked, and marked with a box.
 */
export class FaceHiding {
  readonly #session: HiddenSession;
  #detector: Promise<FaceDetector> | undefined;
  #output: VideoOutput | undefined;
  /** Requests run one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(session: HiddenSession) {
    this.#session = session;
  }

  /** Serves the visitor's switch, in a connected room. */
  open(): void {
    this.#session.room.localParticipant?.registerRpcMethod(FACES_METHOD, this.#onCall);
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#output?.close();
    const detector = await this.#detector?.catch(() => undefined);
    await detector?.close();
  }

  readonly #onCall = ({ callerIdentity, payload }: RpcInvocationData): Promise<string> => {
    if (callerIdentity !== this.#session.visitor())
      return Promise.reject(new RpcError(NOT_SERVED, 'the agent serves another participant'));
    const done = this.#queue.then(() => (payload === 'on' ? this.#hide() : this.#show()));
    this.#queue = done.catch(() => {});
    return done.catch((error: Error) => Promise.reject(new RpcError(UNAVAILABLE, error.message)));
  };

  async #hide(): Promise<string> {
    if (this.#output) return 'on';
    const { video, room } = this.#session;
    this.#detector ??= FaceDetector.open();
    const detector = await this.#detector.catch((error: unknown) => {
      this.#detector = undefined;
      throw error;
    });
    const output = new VideoOutput(room, VIEW);
    await output.start();
    video.setProcessors([withBoxes(detector)]);
    this.#output = output;
    this.#view(output).catch((error: unknown) => console.error(`the view ended: ${error}`));
    await room.localParticipant?.setAttributes({ [FACES_ATTRIBUTE]: 'hidden' });
    return 'on';
  }

  async #show(): Promise<string> {
    const { video, room } = this.#session;
    const output = this.#output;
    this.#output = undefined;
    video.setProcessors([]);
    await output?.close();
    await room.localParticipant?.setAttributes({ [FACES_ATTRIBUTE]: '' });
    return 'off';
  }

  /** Shows the newest frame until the output is closed. */
  async #view(output: VideoOutput): Promise<void> {
    let last: number | undefined;
    while (this.#output === output) {
      const frame = await this.#session.video.latestFrame();
      if (frame && frame.id !== last) {
        last = frame.id;
        // Fails only after the output was closed.
        await output.show(frame).catch(() => {});
      }
      await new Promise((resolve) => setTimeout(resolve, VIEW_INTERVAL_MS));
    }
  }
}

/** The model sees the boxes too: the view is exactly what it gets. */
function withBoxes(detector: FaceDetector): VideoProcessor {
  return {
    name: 'faces',
    timeoutMs: SEARCH_LIMIT_MS,
    async process(frame, context) {
      const faces = await detector.find(frame, context.signal);
      const hidden = await hideFaces({ find: async () => faces }).process(frame, context);
      const boxes = faces.map((box) => ({ box, label: 'face' }));
      return hidden && annotate(boxes).process(hidden, context);
    },
  };
}
