import {
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  type LocalTrack,
  LocalVideoTrack,
  TrackKind,
  VideoSource,
  VideoStream,
} from '@livekit/rtc-node';
import { setPacketClock } from '../../internals/rtc-statistics.ts';
import { LATENCY } from './latency.ts';

/** Sample rate of the transported sound, in Hz, as with Opus. */
const SAMPLE_RATE = 48_000;
/** Length of the pieces in which the engine reads the sound of a track, in ms. */
const PIECE_MS = 10;

/** A track as one subscriber receives it: a separate object, as after a real network. */
export interface Reception {
  readonly track: LocalTrack;
  /** Ends the track's streams, as rtc-node does after `trackUnsubscribed`. */
  close(): void;
}

interface Receiver<Piece> {
  readonly track: LocalTrack;
  take(piece: Piece): void;
  close(): void;
}

/** Transports the sound or the pictures of a track from its owner to its subscribers. */
export class TrackFeed {
  readonly #sid: string;
  readonly #media: LocalTrack;
  readonly #way: Way<never>;
  #lastSentAt: number | undefined;
  #isCut = false;
  readonly #receivers = new Set<Receiver<never>>();
  readonly #onTheirWay = new Set<NodeJS.Timeout>();
  #reader: ReadableStreamDefaultReader<unknown> | undefined;

  constructor(sid: string, media: LocalTrack) {
    this.#sid = sid;
    this.#media = media;
    this.#way = (media.kind === TrackKind.KIND_AUDIO ? sound : pictures) as Way<never>;
  }

  /** Adds a subscriber. */
  receive(): Reception {
    const receiver = this.#way.receiver(this.#media.name ?? '');
    const { track } = receiver;
    // As in a remote track of rtc-node.
    if (track.info) track.info.sid = this.#sid;
    setPacketClock(track, () => this.#lastSentAt);
    this.#receivers.add(receiver);
    if (!this.#reader) void this.#read();
    return {
      track,
      close: () => {
        if (this.#receivers.delete(receiver)) receiver.close();
      },
    };
  }

  /** The owner's process died: pieces that were sent still arrive, and no more follow. */
  cut(): void {
    this.#isCut = true;
  }

  /** The track is unpublished. Pieces that have not arrived are lost. */
  async close(): Promise<void> {
    this.cut();
    for (const timer of this.#onTheirWay) clearTimeout(timer);
    this.#onTheirWay.clear();
    for (const receiver of this.#receivers) receiver.close();
    this.#receivers.clear();
    await this.#reader?.cancel().catch(() => {});
  }

  async #read(): Promise<void> {
    const reader = this.#way.open(this.#media).getReader();
    this.#reader = reader;
    for (let next = await reader.read(); !next.done; next = await reader.read())
      this.#send(next.value);
  }

  #send(piece: never): void {
    if (this.#isCut) return;
    this.#lastSentAt = Date.now();
    const timer = setTimeout(() => {
      this.#onTheirWay.delete(timer);
      for (const receiver of this.#receivers) receiver.take(piece);
    }, this.#way.latencyMs);
    this.#onTheirWay.add(timer);
  }
}

/** The differences between transporting sound and pictures. */
interface Way<Piece> {
  readonly latencyMs: number;
  open(media: LocalTrack): ReadableStream<Piece>;
  receiver(name: string): Receiver<Piece>;
}

const sound: Way<import('@livekit/rtc-node').AudioFrame> = {
  latencyMs: LATENCY.soundMs,
  open: (media) =>
    new AudioStream(media, { sampleRate: SAMPLE_RATE, numChannels: 1, frameSizeMs: PIECE_MS }),
  receiver(name) {
    const source = new AudioSource(SAMPLE_RATE, 1, 0);
    const track = LocalAudioTrack.createAudioTrack(name, source);
    return {
      track,
      // A piece that comes after the end is lost.
      take: (piece) => void source.captureFrame(piece).catch(() => {}),
      close: () => {
        track.closeAudioStreams();
        void track.close(true);
      },
    };
  },
};

const pictures: Way<import('@livekit/rtc-node').VideoFrameEvent> = {
  latencyMs: LATENCY.pictureMs,
  open: (media) => new VideoStream(media),
  receiver(name) {
    // The source takes pictures of any size. Until the first one, the engine sends blank ones of
    // this size, as a real track does after it ended. Below 4 pixels, they would end the process.
    const source = new VideoSource(8, 8);
    const track = LocalVideoTrack.createVideoTrack(name, source);
    return {
      track,
      take: ({ frame, rotation }) => source.captureFrame(frame, undefined, rotation),
      close: () => void track.close(true),
    };
  },
};
