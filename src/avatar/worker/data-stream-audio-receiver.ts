import { EventEmitter } from 'node:events';
import {
  type ByteStreamReader,
  type Room,
  RoomEvent,
  type RpcInvocationData,
} from '@livekit/rtc-node';
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
   * Who may speak through this avatar.
   * @defaultValue the first agent that sends speech, as long as it is in the room
   */
  senderIdentity?: string;
  /**
   * A segment of which nothing comes for so long is taken for over: its trailer was lost.
   * @defaultValue 10000
   */
  idleTimeoutMs?: number;
  /**
   * The same limit when the next segment has begun already. A sender never has two at once, but
   * the end of one and the begin of the next may arrive out of order.
   * @defaultValue 500
   */
  supersededTimeoutMs?: number;
  /**
   * Length of the frames that are handed on.
   * @defaultValue 20
   */
  frameMs?: number;
  /**
   * How long the agent may take to answer a report.
   * @defaultValue 8000
   */
  reportTimeoutMs?: number;
  /**
   * How often a report is sent, when it was not delivered.
   * @defaultValue 3
   */
  reportAttempts?: number;
}

/** How long a report waits for an agent that has left and may come back, in ms. */
const ABSENCE_LIMIT_MS = 10_000;

/** Segments that may be under way at a time; an agent has a few. */
const MAX_SEGMENTS = 256;

/**
 * Receives the speech of an agent as `voice.DataStreamAudioOutput` sends it, of Node or Python:
 * iterate it for the audio frames, and for a mark behind each segment.
 *
 * Every segment gets a mark, also one that is empty, broken off or unreadable, and only a clear
 * takes it away; so the agent can be told the end of each, and never waits for one.
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
  /** Arrived and not read to their ends, oldest first. */
  readonly #arriving: IncomingSegment[] = [];
  #reading: Promise<void> | undefined;
  #started = false;
  #closed = false;

  /** @throws OptionError that names the option, its value and the remedy. */
  constructor(room: Room, options: DataStreamAudioReceiverOptions = {}) {
    super();
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

  /** Identity of the agent that speaks; `undefined` until it is known. */
  get sender(): string | undefined {
    return this.#sender.identity;
  }

  /**
   * Listens from now on; the room may still be on its way.
   *
   * @throws AvatarError if another receiver in this process has the speech of this room.
   */
  async start(): Promise<void> {
    if (this.#closed) throw new AvatarError('closed', 'this receiver is closed: make a new one');
    if (this.#started) return;
    try {
      this.#room.registerByteStreamHandler(AUDIO_STREAM_TOPIC, this.#onStream);
    } catch (error) {
      const message = 'this room has a receiver already: close it before you start another';
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

  /** Listens no longer, and drops what was not handed over. Safe to call again. */
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
    // Again with each connection: a method belongs to the participant of that connection.
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
      this.#fault(new AvatarError('stream', `${who} sent speech, and is not the agent`));
      return;
    }
    if (this.#queue.segments >= MAX_SEGMENTS) {
      void reader.close();
      const message = `a segment was refused: ${MAX_SEGMENTS} are under way already`;
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

  /** Reads one segment after the other, as fast as they come: the network has no other queue. */
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
    // Without a listener an 'error' event would throw, and end what must go on.
    if (!this.#closed && this.listenerCount('error') > 0) this.emit('error', error);
  }
}
