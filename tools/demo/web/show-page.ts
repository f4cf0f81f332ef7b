import type { LocalParticipant, Room } from '@livekit/rtc-node';
import { SEEN_TOPIC, SOURCE_ATTRIBUTE, STREAM_ATTRIBUTE } from '../../../examples/web/protocol.ts';
import type { ReaderRequest } from '../../../offline/reader.ts';
import type { VideoSession } from '../../../src/index.ts';

export interface ShownSession {
  video: VideoSession;
  room: Room;
  /** Whom the agent serves: nobody else gets its pictures. */
  visitor(): string | undefined;
}

/** The picture that a model was sent. */
type SentPicture = NonNullable<ReaderRequest['picture']>;

/**
 * Tells the visitor what the agent sees: the state of its eyes as attributes, and each picture that
 * went to the model as a byte stream. For the demo only: it is the visitor's own picture.
 */
export class ShowToPage {
  readonly #session: ShownSession;
  readonly #stops: (() => void)[] = [];
  /** What went last with a turn: where it came from, and how old it was then, in ms. */
  #frame: { source: string; ageMs: number } | undefined;
  #writes: Promise<void> = Promise.resolve();

  constructor(session: ShownSession) {
    this.#session = session;
    const { video } = session;
    this.#stops.push(
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

  /** A request to the model is over. */
  readonly asked = ({ picture, cancelled }: ReaderRequest): void => {
    if (picture && !cancelled) this.#later((me) => this.#send(me, picture));
  };

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

  /** In order, one after the other; a room that is left gets nothing any more. */
  #later(step: (me: LocalParticipant) => Promise<void>): void {
    this.#writes = this.#writes
      .then(async () => {
        const { localParticipant, isConnected } = this.#session.room;
        if (isConnected && localParticipant) await step(localParticipant);
      })
      .catch((error: unknown) => console.error(`the page is not told: ${String(error)}`));
  }
}
