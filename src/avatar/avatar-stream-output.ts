import { voice } from '@livekit/agents';
import type { AudioFrame, ByteStreamWriter, Room } from '@livekit/rtc-node';
import { doneWithin } from '../time-limit.ts';
import { hearPlaybackReports } from './playback-report-listeners.ts';
import { AUDIO_STREAM_TOPIC, CLEAR_BUFFER, finishedOf } from './worker/avatar-protocol.ts';

export interface AvatarStreamOptions {
  room: Room;
  /** Identity of the avatar. */
  destinationIdentity: string;
  /** Sample rate that the avatar accepts, in Hz; `undefined` for any. */
  sampleRate?: number | undefined;
  /**
   * Whether the avatar reports the start of its playback. If not, the first frame counts as the
   * start.
   */
  waitPlaybackStart: boolean;
  /** How long the avatar may take to answer an interruption, in ms. */
  clearTimeoutMs: number;
  /** An interruption was refused or not confirmed. */
  onError?(error: unknown): void;
}

/** How long an interruption waits until the speech before it is sent, in ms. */
const CLEAR_AFTER_MS = 200;

/** A byte stream of one segment. */
interface Stream {
  writer: ByteStreamWriter | undefined;
  /** Interrupted: the unsent rest is dropped. */
  isDropped: boolean;
}

/**
 * Sends speech to an avatar like the framework's `voice.DataStreamAudioOutput`: one byte stream for
 * each segment. It avoids three defects of that class: it leaves the stream of an interrupted
 * segment open, so that the next answer goes into a stream that the avatar has dropped; it loses
 * speech that arrives while a stream closes; and it sends the whole buffer of a frame that covers
 * only a part of it.
 */
export class AvatarStreamOutput extends voice.AudioOutput {
  readonly waitPlaybackStart: boolean;
  readonly #options: AvatarStreamOptions;
  #stream: Stream | undefined;
  /** Serializes all operations. */
  #sent: Promise<unknown> = Promise.resolve();
  #stopListening = () => {};
  #cleared = Promise.resolve(true);

  private constructor(options: AvatarStreamOptions) {
    super(options.sampleRate, undefined, { pause: false });
    this.#options = options;
    this.waitPlaybackStart = options.waitPlaybackStart;
  }

  /** The room must be connected. */
  static async open(options: AvatarStreamOptions): Promise<AvatarStreamOutput> {
    const output = new AvatarStreamOutput(options);
    output.#stopListening = await hearPlaybackReports(options.room, options.destinationIdentity, {
      onStarted: () => output.onPlaybackStarted(Date.now()),
      onFinished: (payload) => output.onPlaybackFinished(finishedOf(payload)),
    });
    return output;
  }

  /** Whether the avatar acknowledged the last interruption. */
  get cleared(): Promise<boolean> {
    return this.#cleared;
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
    // If the end is lost, the avatar ends the segment after its idle limit.
    if (stream) this.#inOrder(async () => stream.writer?.close()).catch(() => {});
  }

  override clearBuffer(): void {
    if (this.#stream) this.#stream.isDropped = true;
    this.flush();
    if (this.pendingPlayoutSegments === 0) return;
    this.#cleared = this.#clear().then(
      () => true,
      (error: unknown) => {
        this.#options.onError?.(error);
        return false;
      },
    );
  }

  /** Removes the listener for the avatar's reports, and ends the current stream. */
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
    // The avatar would play a stream that it hears of only after the interruption.
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
