import {
  AudioFrame,
  AudioStream,
  type RemoteTrack,
  type Room,
  RoomEvent,
  TrackKind,
} from '@livekit/rtc-node';

/** Sample rate of the received sound, in Hz. */
const HEARD_RATE = 24_000;

/** Length of the analysed pieces, in ms. */
const PIECE_MS = 20;

/** A sine of one pitch, as frames of 20 ms. */
export function tone(hertz: number, ms: number, sampleRate: number): AudioFrame[] {
  const length = sampleRate / 50;
  return Array.from({ length: Math.round(ms / 20) }, (_, frame) => {
    const samples = Int16Array.from({ length }, (_, sample) =>
      Math.round(12_000 * Math.sin((2 * Math.PI * hertz * (frame * length + sample)) / sampleRate)),
    );
    return new AudioFrame(samples, sampleRate, 1, length);
  });
}

/** A section of one pitch. */
export interface Heard {
  hertz: number;
  ms: number;
}

/** Listens to the avatar of a room, and reports which tones it plays. */
export class Ear {
  readonly #pitches: readonly number[];
  readonly #heard: Heard[] = [];
  #reader: ReadableStreamDefaultReader<AudioFrame> | undefined;
  #listening: Promise<void> | undefined;
  #onSubscribed = () => {};
  readonly subscribed = new Promise<void>((resolve) => {
    this.#onSubscribed = resolve;
  });

  /** @param pitches - All pitches that can occur. */
  constructor(room: Room, pitches: readonly number[]) {
    this.#pitches = pitches;
    const listen = (track: RemoteTrack) => {
      if (track.kind !== TrackKind.KIND_AUDIO || this.#reader) return;
      this.#reader = new AudioStream(track, {
        sampleRate: HEARD_RATE,
        frameSizeMs: PIECE_MS,
      }).getReader();
      this.#listening = this.#listen(this.#reader);
      this.#onSubscribed();
    };
    room.on(RoomEvent.TrackSubscribed, listen);
    for (const { trackPublications } of room.remoteParticipants.values())
      for (const { track } of trackPublications.values()) if (track) listen(track);
  }

  /**
   * The tones so far that were longer than a blip. A busy machine tears holes into a tone, so
   * sounds of the same pitch count as one. The machine also stretches and shortens tones.
   */
  get tones(): Heard[] {
    const tones: Heard[] = [];
    for (const { hertz, ms } of this.#heard) {
      if (hertz === 0 || ms < 3 * PIECE_MS) continue;
      const last = tones.at(-1);
      if (last?.hertz === hertz) last.ms += ms;
      else tones.push({ hertz, ms });
    }
    return tones;
  }

  /** Duration of the silence that is heard now, in ms of sound. */
  get silentMs(): number {
    const last = this.#heard.at(-1);
    return last?.hertz === 0 ? last.ms : 0;
  }

  async close(): Promise<void> {
    await this.#reader?.cancel();
    await this.#listening;
  }

  async #listen(reader: ReadableStreamDefaultReader<AudioFrame>): Promise<void> {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const hertz = this.#pitchOf(next.value.data);
      const last = this.#heard.at(-1);
      if (last?.hertz === hertz) last.ms += PIECE_MS;
      else this.#heard.push({ hertz, ms: PIECE_MS });
    }
  }

  /** The loudest of the pitches, 0 for silence: by Goertzel's algorithm. */
  #pitchOf(samples: Int16Array): number {
    let energy = 0;
    for (const sample of samples) energy += sample * sample;
    if (Math.sqrt(energy / samples.length) < 600) return 0;
    const powers = this.#pitches.map((hertz) => {
      const factor = 2 * Math.cos((2 * Math.PI * hertz) / HEARD_RATE);
      let before = 0;
      let last = 0;
      for (const sample of samples) {
        const now = sample + factor * last - before;
        before = last;
        last = now;
      }
      return last * last + before * before - factor * last * before;
    });
    return this.#pitches[powers.indexOf(Math.max(...powers))] ?? 0;
  }
}
