import { voice } from '@livekit/agents';
import type { AudioFrame, ByteStreamWriter, Room } from '@livekit/rtc-node';
import { doneWithin } from '../time-limit.ts';
import { hearPlaybackReports } from './playback-report-listeners.ts';
import { AUDIO_STREAM_TOPIC, CLEAR_BUFFER, finishedOf } from './worker/avatar-protocol.ts';

export interface AvatarStreamOptions {
  room: Room;
  /** The avatar's. */
  destinationIdentity: string;
  /** Of the speech that the avatar takes, in Hz; `undefined` for any. */
  sampleRate?: number | undefined;
  /** Whether the avatar reports the start of its playback. Else the first frame is taken for it. */
  waitPlaybackStart: boolean;
  /** How long the avatar may take to answer an interruption, in ms. */
  clearTimeoutMs: number;
  /** An interruption was refused, or was not answered. */
  onError?(error: unknown): void;
}

/** How long an interruption waits for the speech before it to be sent, in ms. */
const CLEAR_AFTER_MS = 200;

/** A byte stream of one segment. */
interface Stream {
  writer: ByteStreamWriter | undefined;
  /** Interrupted: what is not sent yet never is. */
  isDropped: boolean;
}

/**
 * Sends speech to an avatar as the framework's `voice.DataStreamAudioOutput` does, one byte stream
 * a segment. That one leaves the stream of an interrupted segment open, so that the next answer
 * goes into a stream which the avatar has dropped; it loses what is spoken while a stream closes;
 * and it sends the whole memory behind a frame that is a part of it.
 */
export class AvatarStreamOutput extends voice.AudioOutput {
  readonly waitPlaybackStart: boolean;
  readonly #options: AvatarStreamOptions;
  #stream: Stream | undefined;
  /** All that was asked for so far, one after the other. */
  #sent: Promise<unknown> = Promise.resolve();
  #stopListening = () => {};

  private constructor(options: AvatarStreamOptions) {
    super(options.sampleRate, undefined, { pause: false });
    this.#options = options;
    this.waitPlaybackStart = options.waitPlaybackStart;
  }

  /** The room has to be connected. */
  static async open(options: AvatarStreamOptions): Promise<AvatarStreamOutput> {
    const output = new AvatarStreamOutput(options);
    output.#stopListening = await hearPlaybackReports(options.room, options.destinationIdentity, {
      onStarted: () => output.onPlaybackStarted(Date.now()),
      onFinished: (payload) => output.onPlaybackFinished(finishedOf(payload)),
    });
    return output;
  }

  override async captureFrame(frame: AudioFrame): Promise<void> {
    await super.captureFrame(frame);
    this.#stream ??= { writer: undefined, isDropped: false };
    const stream = this.#stream;
    await this.#inOrder(() => this.#send(frame, stream));
  }

  override flush(): void {
    super.flush();
    const stream = this.#stream;
    this.#stream = undefined;
    // The avatar takes a lost end for one when nothing more comes.
    if (stream) this.#inOrder(async () => stream.writer?.close()).catch(() => {});
  }

  override clearBuffer(): void {
    if (this.#stream) this.#stream.isDropped = true;
    this.flush();
    if (this.pendingPlayoutSegments === 0) return;
    this.#clear().catch((error) => this.#options.onError?.(error));
  }

  /** Hears of the avatar no longer, and ends what is being sent. */
  close(): void {
    if (this.#stream) this.#stream.isDropped = true;
    this.flush();
    this.#stopListening();
  }

  async #send(frame: AudioFrame, stream: Stream): Promise<void> {
    if (stream.isDropped) return;
    const { room, destinationIdentity } = this.#options;
    const { data, sampleRate, channels } = frame;
    const isFirst = stream.writer === undefined;
    stream.writer ??= await room.localParticipant?.streamBytes({
      name: `AUDIO_${crypto.randomUUID()}`,
      topic: AUDIO_STREAM_TOPIC,
      destinationIdentities: [destinationIdentity],
      attributes: { sample_rate: String(sampleRate), num_channels: String(channels) },
    });
    if (!stream.writer) throw new Error('the agent is not in the room');
    await stream.writer.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (isFirst && !this.waitPlaybackStart) this.onPlaybackStarted(Date.now());
  }

  async #clear(): Promise<void> {
    // A stream that the avatar learns of later would be played.
    await doneWithin(CLEAR_AFTER_MS, this.#sent);
    const { room, destinationIdentity, clearTimeoutMs } = this.#options;
    await room.localParticipant?.performRpc({
      destinationIdentity,
      method: CLEAR_BUFFER,
      payload: '',
      responseTimeout: clearTimeoutMs,
    });
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#sent.then(work);
    this.#sent = done.catch(() => {});
    return done;
  }
}
