import { EventEmitter } from 'node:events';
import {
  type ByteStreamReader,
  type Room,
  RoomEvent,
  type RpcInvocationData,
} from '@livekit/rtc-node';
import { object } from '../../checks.ts';
import { AUDIO_RECEIVER } from '../../defaults.ts';
import { AvatarError } from '../../errors.ts';
import { type Filled, filled } from '../../option-table.ts';
import type { AudioReceiver, AudioReceiverEvents, SpeechItem } from './audio-receiver.ts';
import {
  AUDIO_STREAM_TOPIC,
  CLEAR_BUFFER,
  finishedPayload,
  MAX_QUOTE,
  PLAYBACK_FINISHED,
  PLAYBACK_STARTED,
  type PlaybackFinished,
} from './avatar-protocol.ts';
import { IncomingSegment } from './incoming-segment.ts';
import { PlaybackReports } from './playback-reports.ts';
import { SegmentQueue } from './segment-queue.ts';
import { SegmentReader } from './segment-reader.ts';
import { SpeechSender } from './speech-sender.ts';

/** Times are in ms. */
export interface DataStreamAudioReceiverOptions {
  /**
   * Identity of the participant whose speech is played.
   * @defaultValue the first agent that sends speech, while it is in the room
   */
  senderIdentity?: string;
  /**
   * A segment without new data for this long is ended: its trailer was lost.
   * @defaultValue 10000
   */
  idleTimeoutMs?: number;
  /**
   * The same limit after the next segment has begun. A sender never sends two at once, but the end
   * of one and the beginning of the next may arrive out of order.
   * @defaultValue 500
   */
  supersededTimeoutMs?: number;
  /**
   * Length of the audio frames.
   * @defaultValue 20
   */
  frameMs?: number;
  /**
   * How long the agent may take to answer a report.
   * @defaultValue 8000
   */
  reportTimeoutMs?: number;
  /**
   * Attempts to send a report that was not delivered.
   * @defaultValue 3
   */
  reportAttempts?: number;
}

/** How long a report waits for an agent that left and may return, in ms. */
const ABSENCE_LIMIT_MS = 10_000;

/** Segments that may be in progress at a time; an agent normally has a few. */
const MAX_SEGMENTS = 256;

/**
 * Receives the speech of an agent as `voice.DataStreamAudioOutput` sends it, in Node or Python.
 * Iterate it for the audio frames, and for a mark after each segment.
 *
 * Every segment gets a mark, even if it is empty, broken off or unreadable; only a clear removes
 * it. So the end of every segment can be reported, and the agent never waits for one.
 */
export class DataStreamAudioReceiver
  extends EventEmitter<AudioReceiverEvents>
  implements AudioReceiver
{
  readonly #room: Room;
  readonly #options: Filled<typeof AUDIO_RECEIVER>;
  readonly #sender: SpeechSender;
  readonly #reports: PlaybackReports;
  readonly #queue = new SegmentQueue();
  /** Segments that arrived and were not read to their end, oldest first. */
  readonly #arriving: IncomingSegment[] = [];
  #reading: Promise<void> | undefined;
  #started = false;
  #closed = false;

  /** @throws OptionError that names the option, its value and the remedy. */
  constructor(room: Room, options: DataStreamAudioReceiverOptions = {}) {
    super();
    object('room', room, "pass the avatar's room");
    this.#room = room;
    this.#options = filled('', options, AUDIO_RECEIVER);
    this.#sender = new SpeechSender(room, this.#options.senderIdentity);
    const limits = {
      attempts: this.#options.reportAttempts,
      responseTimeoutMs: this.#options.reportTimeoutMs,
      absenceLimitMs: ABSENCE_LIMIT_MS,
    };
    this.#reports = new PlaybackReports(
      room,
      limits,
      () => this.sender,
      (error) => this.#fault(error),
    );
  }

  /** Identity of the agent that sends speech; `undefined` until it is known. */
  get sender(): string | undefined {
    return this.#sender.identity;
  }

  /**
   * Starts to listen. The room may still be connecting.
   *
   * @throws AvatarError if another receiver in this process handles this room.
   */
  async start(): Promise<void> {
    if (this.#closed) throw new AvatarError('closed', 'this receiver is closed: make a new one');
    if (this.#started) return;
    try {
      this.#room.registerByteStreamHandler(AUDIO_STREAM_TOPIC, this.#onStream);
    } catch (error) {
      const message = 'this room already has a receiver: close it before you start another';
      throw new AvatarError('start-failed', message, { cause: error });
    }
    this.#started = true;
    this.#room.on(RoomEvent.ConnectionStateChanged, this.#listenForClear);
    this.#listenForClear();
  }

  notifyPlaybackStarted(): void {
    this.#reports.send(PLAYBACK_STARTED, '');
  }

  notifyPlaybackFinished(finished: PlaybackFinished): void {
    this.#reports.send(PLAYBACK_FINISHED, finishedPayload(finished));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SpeechItem, void, undefined> {
    for (let item = await this.#queue.next(); item; item = await this.#queue.next()) yield item;
  }

  /** Stops listening, and drops everything that was not read. Idempotent. */
  async aclose(): Promise<void> {
    const first = !this.#closed;
    this.#closed = true;
    if (first && this.#started) {
      this.#room.unregisterByteStreamHandler(AUDIO_STREAM_TOPIC);
      this.#room.off(RoomEvent.ConnectionStateChanged, this.#listenForClear);
      if (this.#room.isConnected) this.#room.localParticipant?.unregisterRpcMethod(CLEAR_BUFFER);
    }
    await this.#queue.close();
    await this.#reading;
    await this.#reports.close();
  }

  readonly #listenForClear = (): void => {
    // Registered again after each connection, because the local participant changes.
    if (this.#room.isConnected)
      this.#room.localParticipant?.registerRpcMethod(CLEAR_BUFFER, this.#onClear);
  };

  readonly #onClear = async ({ callerIdentity }: RpcInvocationData): Promise<string> => {
    if (!this.#sender.mayBe(callerIdentity)) return 'reject';
    this.emit('clearBuffer', { unheardSegments: this.#queue.clear() });
    return 'ok';
  };

  readonly #onStream = (reader: ByteStreamReader, { identity }: { identity: string }): void => {
    if (!this.#sender.mayBe(identity)) {
      void reader.close();
      const who = identity.slice(0, MAX_QUOTE);
      this.#fault(new AvatarError('stream', `${who} sent speech, but is not the agent`));
      return;
    }
    if (this.#queue.segments >= MAX_SEGMENTS) {
      void reader.close();
      const message = `a segment was refused: ${MAX_SEGMENTS} are already in progress`;
      this.#fault(new AvatarError('stream', message));
      return;
    }
    this.#sender.hasSpoken(identity);
    const segment = new IncomingSegment(reader);
    this.#arriving.at(-1)?.waitNoLongerThan(this.#options.supersededTimeoutMs);
    this.#arriving.push(segment);
    this.#queue.open(segment);
    this.#reading ??= this.#readAll();
  };

  /** Reads the segments one after the other as they arrive; the network has no other queue. */
  async #readAll(): Promise<void> {
    for (let segment = this.#arriving[0]; segment; segment = this.#arriving[0]) {
      const isSuperseded = () => this.#arriving.length > 1;
      const onFault = (error: AvatarError) => this.#fault(error);
      await new SegmentReader(segment, this.#queue, this.#options, isSuperseded, onFault).read();
      this.#arriving.shift();
    }
    this.#reading = undefined;
  }

  #fault(error: AvatarError): void {
    // Without a listener, an 'error' event would throw and stop the receiver.
    if (!this.#closed && this.listenerCount('error') > 0) this.emit('error', error);
  }
}
