import {
  type AudioFrame,
  AudioStream,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
  TrackKind,
  type VideoTrack,
} from '@livekit/rtc-node';
import { encodeFrame, toDataUrl, type VideoSession } from '../../src/index.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import type { AvatarResult } from './result.ts';

/** Louder than this is speech. */
const LOUD = 600;
/** Time until the mouth is open, after the first sound, in ms. */
const MOUTH_OPEN_MS = 300;
/** A sender starts with small video: a face of this width shows more than blocks. */
const LEAST_WIDTH = 256;
const PICTURE_LIMIT_MS = 10_000;

/** What the user sees and hears of the avatar. */
export class AvatarWitness {
  readonly #identity: string;
  readonly #startedAt = performance.now();
  readonly #faults: string[] = [];
  readonly #readers: ReadableStreamDefaultReader<AudioFrame>[] = [];
  #joinMs: number | null = null;
  #firstAudioMs: number | null = null;
  #picture: Promise<string | undefined> = Promise.resolve(undefined);
  #video: RemoteTrack | undefined;

  /** @param identity - Of the avatar. */
  constructor(user: Room, video: VideoSession, identity: string) {
    this.#identity = identity;
    video.on('avatar.shown', () => {
      this.#joinMs ??= this.#elapsed();
    });
    video.on('avatar.lost', ({ reason }) => this.#faults.push(reason));
    video.on('avatar.failed', ({ reason }) => this.#faults.push(reason));
    user.on(RoomEvent.TrackSubscribed, this.#onTrack);
  }

  /** @param states - Of the avatar's machine, in order. */
  async result(states: readonly string[]): Promise<AvatarResult> {
    const picture = await this.#picture;
    await Promise.all(this.#readers.map((reader) => reader.cancel().catch(() => {})));
    return {
      states,
      joinMs: this.#joinMs,
      firstAudioMs: this.#firstAudioMs,
      faults: this.#faults,
      ...(picture ? { picture } : {}),
    };
  }

  readonly #onTrack = (
    track: RemoteTrack,
    _publication: RemoteTrackPublication,
    { identity }: RemoteParticipant,
  ) => {
    if (identity !== this.#identity) return;
    if (track.kind === TrackKind.KIND_VIDEO) this.#video = track;
    else void this.#listen(track);
  };

  async #listen(track: RemoteTrack): Promise<void> {
    const reader = new AudioStream(track).getReader();
    this.#readers.push(reader);
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (this.#firstAudioMs !== null || loudness(next.value) < LOUD) continue;
      this.#firstAudioMs = this.#elapsed();
      this.#picture = this.#face();
    }
  }

  /** The avatar's face during speech, as a data URL. */
  async #face(): Promise<string | undefined> {
    await new Promise((resolve) => setTimeout(resolve, MOUTH_OPEN_MS));
    const track = this.#video;
    if (!track) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(() => end(undefined), PICTURE_LIMIT_MS);
      const tap = openNativeTap(track as VideoTrack, {
        onFrame: (frame) => {
          if (frame.width < LEAST_WIDTH) return frame.release();
          const copy = frame.read();
          frame.release();
          void encodeFrame(copy).then((image) => end(toDataUrl(image)));
        },
        onEnd: () => end(undefined),
      });
      const end = (picture: string | undefined) => {
        clearTimeout(timer);
        void tap?.close();
        resolve(picture);
      };
      if (!tap) end(undefined);
    });
  }

  #elapsed(): number {
    return Math.round(performance.now() - this.#startedAt);
  }
}

function loudness({ data }: AudioFrame): number {
  const squares = data.reduce((sum, sample) => sum + sample * sample, 0);
  return Math.sqrt(squares / data.length);
}
