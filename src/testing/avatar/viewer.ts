import {
  AudioStream,
  type RemoteAudioTrack,
  type RemoteVideoTrack,
  Room,
  RoomEvent,
  TrackKind,
  type VideoFrame,
  VideoStream,
} from '@livekit/rtc-node';
import { Mouth, mouthOpening } from '../../avatar/worker/mouth.ts';
import { readLips } from './lips.ts';
import type { Sample } from './offset.ts';

/** Length of the frames of sound, in ms. */
const SOUND_MS = 10;

/** A participant that measures an avatar's sound and its mouth. */
export class Viewer {
  readonly room = new Room();
  /** The opening of the mouth that fits the sound. */
  readonly sound: Sample[] = [];
  /** The opening of the mouth in the pictures. */
  readonly picture: Sample[] = [];
  lastFrame: VideoFrame | undefined;
  readonly #readers: Promise<void>[] = [];
  readonly #streams: ReadableStreamDefaultReader[] = [];
  readonly #watches: Set<TrackKind> = new Set();
  #onBoth = () => {};
  readonly #both = new Promise<void>((resolve) => {
    this.#onBoth = resolve;
  });

  async join(url: string, token: string): Promise<void> {
    this.room.on(RoomEvent.TrackSubscribed, (track, _, { attributes }) => {
      if (attributes['lk.publish_on_behalf'] === undefined) return;
      if (track.kind === TrackKind.KIND_AUDIO) this.#hear(track as RemoteAudioTrack);
      else this.#see(track as RemoteVideoTrack);
    });
    await this.room.connect(url, token, { autoSubscribe: true, dynacast: false });
  }

  /** Resolves when sound and pictures arrive. */
  untilBoth(): Promise<void> {
    return this.#both;
  }

  async leave(): Promise<void> {
    for (const reader of this.#streams) await reader.cancel();
    await Promise.all(this.#readers);
    await this.room.disconnect();
  }

  #hear(track: RemoteAudioTrack): void {
    const mouth = new Mouth();
    const stream = new AudioStream(track, { sampleRate: 24_000, frameSizeMs: SOUND_MS });
    this.#read(TrackKind.KIND_AUDIO, stream.getReader(), ({ data }) => {
      const value = mouth.move(mouthOpening(data), SOUND_MS);
      this.sound.push({ at: performance.now(), value });
    });
  }

  #see(track: RemoteVideoTrack): void {
    this.#read(TrackKind.KIND_VIDEO, new VideoStream(track).getReader(), ({ frame }) => {
      this.picture.push({ at: performance.now(), value: readLips(frame) });
      this.lastFrame = frame;
    });
  }

  #read<Item>(
    kind: TrackKind,
    reader: ReadableStreamDefaultReader<Item>,
    take: (item: Item) => void,
  ): void {
    this.#streams.push(reader);
    const all = async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        take(next.value);
        this.#watches.add(kind);
        if (this.#watches.size === 2) this.#onBoth();
      }
    };
    this.#readers.push(all());
  }
}
