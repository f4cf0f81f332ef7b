import type { LocalParticipant, Room } from '@livekit/rtc-node';
import { SEEN_TOPIC, SOURCE_ATTRIBUTE, STREAM_ATTRIBUTE } from '../../../examples/web/protocol.ts';
import type { ReaderRequest } from '../../../offline/reader.ts';
import type { VideoSession } from '../../../src/index.ts';

export interface ShownSession {
  video: VideoSession;
  room: Room;
  /** The visitor whom the agent serves: only they get its pictures. */
  visitor(): string | undefined;
}

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

  /** A request to the model has ended. */
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
