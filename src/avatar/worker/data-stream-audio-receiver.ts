import { EventEmitter } from 'node:events';
import { voice } from '@livekit/agents';
import {
  type AudioFrame,
  type ByteStreamReader,
  ParticipantKind,
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
  formatOf,
  PLAYBACK_FINISHED,
  PLAYBACK_STARTED,
  type PlaybackFinished,
  PUBLISH_ON_BEHALF,
} from './avatar-protocol.ts';
import { HandoverQueue } from './handover-queue.ts';
import { IncomingSegment } from './incoming-segment.ts';
import { PcmFramer } from './pcm-framer.ts';
import { PlaybackReports } from './playback-reports.ts';

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

/** Speech that may wait to be played, in bytes: 20 minutes at 24 kHz. Agents send it in a burst. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Segments that may be under way at a time; an agent has a few. */
const MAX_SEGMENTS = 256;

/** Longest part of somebody else's text that a message quotes, in characters. */
const MAX_QUOTE = 200;

interface Handed {
  segment: IncomingSegment;
  item: SpeechItem;
}

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
  readonly #reports: PlaybackReports;
  readonly #queue = new HandoverQueue<Handed>((handed) => this.#onHandover(handed));
  /** Arrived and not read to their ends, oldest first. */
  readonly #arriving: IncomingSegment[] = [];
  /** Of these something is still to be handed over, at least the mark. */
  readonly #open = new Set<IncomingSegment>();
  /** Of the frames that are not handed over. */
  #waitingBytes = 0;
  #sender: string | undefined;
  #reading: Promise<void> | undefined;
  #started = false;
  #closed = false;

  /** @throws OptionError that names the option, its value and the remedy. */
  constructor(room: Room, options: DataStreamAudioReceiverOptions = {}) {
    super();
    this.#room = room;
    this.#options = filled('', options, AUDIO_RECEIVER);
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
    return this.#options.senderIdentity ?? this.#sender;
  }

  /**
   * Listens from now on; the room may still be on its way.
   *
   * @throws AvatarError when somebody else in this process receives the speech of this room.
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
    for (let handed = await this.#queue.next(); handed; handed = await this.#queue.next())
      yield handed.item;
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
    this.#queue.close();
    await this.#dropAll();
    await this.#reading;
    await this.#reports.close();
  }

  readonly #listenForClear = (): void => {
    // Again with each connection: a method belongs to the participant of that connection.
    if (this.#room.isConnected)
      this.#room.localParticipant?.registerRpcMethod(CLEAR_BUFFER, this.#onClear);
  };

  readonly #onClear = async ({ callerIdentity }: RpcInvocationData): Promise<string> => {
    if (!this.#mayBeSender(callerIdentity)) return 'reject';
    const unheardSegments = [...this.#open].filter(({ heard }) => !heard).length;
    this.#queue.clear();
    this.#waitingBytes = 0;
    void this.#dropAll();
    this.emit('clearBuffer', { unheardSegments });
    return 'ok';
  };

  readonly #onStream = (reader: ByteStreamReader, { identity }: { identity: string }): void => {
    if (!this.#mayBeSender(identity)) {
      void reader.close();
      const who = identity.slice(0, MAX_QUOTE);
      this.#fault(new AvatarError('stream', `${who} sent speech, and is not the agent`));
      return;
    }
    if (this.#open.size >= MAX_SEGMENTS) {
      void reader.close();
      const message = `a segment was refused: ${MAX_SEGMENTS} are under way already`;
      this.#fault(new AvatarError('stream', message));
      return;
    }
    this.#sender = identity;
    const segment = new IncomingSegment(reader);
    this.#arriving.at(-1)?.waitNoLongerThan(this.#options.supersededTimeoutMs);
    this.#arriving.push(segment);
    this.#open.add(segment);
    this.#reading ??= this.#readAll();
  };

  #mayBeSender(identity: string): boolean {
    if (this.#options.senderIdentity !== undefined)
      return identity === this.#options.senderIdentity;
    const { remoteParticipants } = this.#room;
    // Back in the room, its speech may be here before the word of its return.
    if (identity === this.#sender) return true;
    if (this.#sender !== undefined && remoteParticipants.has(this.#sender)) return false;
    const participant = remoteParticipants.get(identity);
    // Another avatar is of the same kind, and speaks for somebody.
    return (
      participant?.kind === ParticipantKind.AGENT &&
      participant.attributes[PUBLISH_ON_BEHALF] === undefined
    );
  }

  /** Reads one segment after the other, as fast as they come: the network has no other queue. */
  async #readAll(): Promise<void> {
    for (let segment = this.#arriving[0]; segment; segment = this.#arriving[0]) {
      await this.#read(segment);
      this.#arriving.shift();
    }
    this.#reading = undefined;
  }

  async #read(segment: IncomingSegment): Promise<void> {
    const { attributes } = segment.reader.info;
    const format = formatOf(attributes);
    if (format) {
      const framer = new PcmFramer(format, this.#options.frameMs);
      await this.#readChunks(segment, framer);
      const { frame, lostBytes } = framer.flush();
      if (frame) this.#handOver(segment, frame);
      if (lostBytes > 0 && !segment.dropped)
        this.#fault(lost(segment, `its last ${lostBytes} bytes are no whole sample`));
    } else if (!segment.dropped) {
      const got = JSON.stringify({ ...attributes }).slice(0, MAX_QUOTE);
      this.#fault(
        lost(segment, `its attributes have no usable sample_rate and num_channels: ${got}`),
      );
    }
    await segment.close();
    this.#handOver(segment, new voice.AudioSegmentEnd());
  }

  async #readChunks(segment: IncomingSegment, framer: PcmFramer): Promise<void> {
    const { idleTimeoutMs, supersededTimeoutMs } = this.#options;
    let supersededAt: number | undefined;
    try {
      while (!segment.dropped) {
        const superseded = this.#arriving.length > 1;
        if (superseded) supersededAt ??= performance.now();
        const limitMs = superseded ? supersededTimeoutMs : idleTimeoutMs;
        const chunk = await segment.next(limitMs);
        if (chunk === 'end' || segment.dropped) return;
        if (chunk === 'late') {
          const why =
            this.#arriving.length > 1
              ? 'the next one came'
              : `nothing came for ${idleTimeoutMs} ms`;
          this.#fault(lost(segment, `its end did not come, and ${why}`));
          return;
        }
        for (const frame of framer.push(chunk)) this.#handOver(segment, frame);
        const why = this.#whyTooMuch(supersededAt);
        if (why) {
          this.#fault(lost(segment, why));
          return;
        }
      }
    } catch (error) {
      if (!segment.dropped) this.#fault(lost(segment, `it broke off: ${String(error)}`, error));
    }
  }

  /** Nobody speaks without an end, and what waits is held here: a segment that does is cut off. */
  #whyTooMuch(supersededAt: number | undefined): string | undefined {
    const { idleTimeoutMs } = this.#options;
    if (this.#waitingBytes > MAX_WAITING_BYTES)
      return `more than ${MAX_WAITING_BYTES} bytes of speech wait to be played`;
    if (supersededAt !== undefined && performance.now() - supersededAt > idleTimeoutMs)
      return `it went on for ${idleTimeoutMs} ms after the next one had begun`;
    return undefined;
  }

  #handOver(segment: IncomingSegment, item: AudioFrame | voice.AudioSegmentEnd): void {
    if (segment.dropped) return;
    this.#waitingBytes += bytesIn(item);
    this.#queue.push({ segment, item });
  }

  #onHandover({ segment, item }: Handed): void {
    segment.heard = true;
    this.#waitingBytes -= bytesIn(item);
    if (item instanceof voice.AudioSegmentEnd) this.#open.delete(segment);
  }

  /** Forgets every segment that is not handed over to its end. */
  async #dropAll(): Promise<void> {
    const dropped = [...this.#open];
    this.#open.clear();
    for (const segment of dropped) segment.dropped = true;
    await Promise.all(dropped.map((segment) => segment.close()));
  }

  #fault(error: AvatarError): void {
    // Without a listener an 'error' event would throw, and end what must go on.
    if (!this.#closed && this.listenerCount('error') > 0) this.emit('error', error);
  }
}

const bytesIn = (item: SpeechItem): number =>
  item instanceof voice.AudioSegmentEnd ? 0 : item.data.byteLength;

const lost = (segment: IncomingSegment, why: string, cause?: unknown): AvatarError =>
  new AvatarError('stream', `segment ${segment.name}: ${why}`, { cause });
