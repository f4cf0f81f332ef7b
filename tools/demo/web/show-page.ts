import type { LocalParticipant, Room } from '@livekit/rtc-node';
import {
  HEARS_ATTRIBUTE,
  MODEL_ATTRIBUTE,
  SEEN_TOPIC,
  SOURCE_ATTRIBUTE,
  STREAM_ATTRIBUTE,
} from '../../../examples/web/protocol.ts';
import type { ReaderRequest } from '../../../offline/reader.ts';
import { type EncodeOptions, toDataUrl, type VideoSession } from '../../../src/index.ts';
import type { PageModel } from './models.ts';

export interface ShownSession {
  video: VideoSession;
  room: Room;
  model: Pick<PageModel, 'name' | 'hears'>;
  /** The visitor whom the agent serves: only they get its pictures. */
  visitor(): string | undefined;
}

/** The default of a realtime model's pictures. */
const AS_THE_MODEL: EncodeOptions = {
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  enlarge: false,
};

/** The picture that a model got. */
type SentPicture = NonNullable<ReaderRequest['picture']>;

/**
 * Shows the visitor what the agent sees: the state of its video as attributes, and each picture for
 * the model as a byte stream. For the demo only: it is the visitor's own picture.
 */
export class ShowToPage {
  readonly #session: ShownSession;
  readonly #stops: (() => void)[] = [];
  /** The last picture of a turn: its source, and its age at that time, in ms. */
  #frame: { source: string; ageMs: number } | undefined;
  #writes: Promise<void> = Promise.resolve();
  /** Whether a frame is being encoded for the page. */
  #isBusy = false;

  constructor(session: ShownSession) {
    this.#session = session;
    const { video, model } = session;
    this.#stops.push(
      video.on('session.ready', () =>
        this.#tell({
          [MODEL_ATTRIBUTE]: model.name,
          [HEARS_ATTRIBUTE]: model.hears ? 'yes' : 'no',
        }),
      ),
      video.on('sample.sent', () => {
        this.#sampled().catch((error: unknown) => console.error(`no picture: ${String(error)}`));
      }),
      video.on('turn.ready', ({ frame }) => {
        this.#frame = frame
          ? { source: frame.source, ageMs: Date.now() - frame.receivedAt }
          : undefined;
      }),
      video.on('pick.changed', ({ pick }) =>
        this.#tell({ [SOURCE_ATTRIBUTE]: pick?.source ?? 'none' }),
      ),
      video.on('streamStatus.changed', ({ streamStatus }) =>
        this.#tell({ [STREAM_ATTRIBUTE]: streamStatus }),
      ),
    );
  }

  /** A request to the model has ended. */
  readonly asked = ({ picture, cancelled }: ReaderRequest): void => {
    if (picture && !cancelled) this.#later((me) => this.#send(me, picture));
  };

  /**
   * A realtime model has got a frame. Its bytes are gone; the newest frame, a few milliseconds
   * younger at most, is encoded in the same way.
   */
  async #sampled(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      const frame = await this.#session.video.latestFrame();
      if (!frame) return;
      const image = await frame.encode(AS_THE_MODEL);
      this.#frame = { source: frame.source, ageMs: Date.now() - frame.receivedAt };
      const { mimeType, width, height, data } = image;
      const dataUrl = toDataUrl(image);
      this.#later((me) => this.#send(me, { mimeType, width, height, bytes: data.length, dataUrl }));
    } finally {
      this.#isBusy = false;
    }
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #tell(attributes: Record<string, string>): void {
    this.#later((me) => me.setAttributes(attributes));
  }

  async #send(me: LocalParticipant, picture: SentPicture): Promise<void> {
    const visitor = this.#session.visitor();
    if (visitor === undefined) return;
    const { mimeType, width, height, bytes, dataUrl } = picture;
    const { source = 'none', ageMs = 0 } = this.#frame ?? {};
    const stream = await me.streamBytes({
      name: 'seen',
      topic: SEEN_TOPIC,
      destinationIdentities: [visitor],
      mimeType,
      totalSize: bytes,
      attributes: { source, ageMs: `${ageMs}`, width: `${width}`, height: `${height}` },
    });
    await stream.write(Buffer.from(dataUrl.slice(dataUrl.indexOf(',') + 1), 'base64'));
    await stream.close();
  }

  /** One after the other, in order. Nothing is sent after the room was left. */
  #later(step: (me: LocalParticipant) => Promise<void>): void {
    this.#writes = this.#writes
      .then(async () => {
        const { localParticipant, isConnected } = this.#session.room;
        if (isConnected && localParticipant) await step(localParticipant);
      })
      .catch((error: unknown) => console.error(`the page gets no update: ${String(error)}`));
  }
}
