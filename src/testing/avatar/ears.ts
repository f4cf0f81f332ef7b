import {
  AudioFrame,
  AudioStream,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
  TrackKind,
} from '@livekit/rtc-node';

const RATE = 24_000;
/** Length of the pieces that are judged, in ms. */
const PIECE_MS = 20;
/** Quieter than this is silence. */
const QUIET = 600;
/** A stair of speech: each pitch for so long, in ms, then the next one, and from the start again. */
export const STEP_MS = 200;
export const PITCHES = [400, 560, 720, 880, 1040, 1200, 1360, 1520, 1680, 1840, 2000, 2160];

/** What was heard at a time of day. */
export interface Sound {
  at: number;
  from: string;
  /** Place in `PITCHES`. */
  pitch: number;
}

/** Speech of steps, as frames of 20 ms: from its pitch one can tell which part is heard. */
export function stair(ms: number): AudioFrame[] {
  const length = (RATE * PIECE_MS) / 1000;
  return Array.from({ length: ms / PIECE_MS }, (_, frame) => {
    const hertz = PITCHES[Math.floor((frame * PIECE_MS) / STEP_MS) % PITCHES.length] ?? 0;
    const samples = Int16Array.from({ length }, (_, sample) =>
      Math.round(12_000 * Math.sin((2 * Math.PI * hertz * (frame * length + sample)) / RATE)),
    );
    return new AudioFrame(samples, RATE, 1, length);
  });
}

/** Hears all that is said in a room, by whomever. */
export class Ears {
  readonly sounds: Sound[] = [];
  readonly #readers = new Map<string, ReadableStreamDefaultReader<AudioFrame>>();

  constructor(room: Room) {
    const listen = (
      track: RemoteTrack,
      _publication: RemoteTrackPublication,
      { identity }: RemoteParticipant,
    ) => {
      if (track.kind !== TrackKind.KIND_AUDIO || !track.sid) return;
      const stream = new AudioStream(track, { sampleRate: RATE, frameSizeMs: PIECE_MS });
      const reader = stream.getReader();
      this.#readers.set(track.sid, reader);
      void this.#listen(reader, identity);
    };
    room.on(RoomEvent.TrackSubscribed, listen);
  }

  /** Pitches in the order in which they were heard, each once. */
  get steps(): number[] {
    const steps: number[] = [];
    let length = 0;
    for (const [index, { pitch }] of this.sounds.entries()) {
      length = this.sounds[index - 1]?.pitch === pitch ? length + 1 : 1;
      // A blip at the edge of two pitches is none.
      if (length === 3 && steps.at(-1) !== pitch) steps.push(pitch);
    }
    return steps;
  }

  /** The longest silence between two sounds from a time of day on, in ms. */
  longestGap(since: number): number {
    let longest = 0;
    let last = since;
    for (const { at } of this.sounds) {
      if (at < since) continue;
      longest = Math.max(longest, at - last);
      last = at;
    }
    return longest;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.cancel().catch(() => {})));
  }

  async #listen(reader: ReadableStreamDefaultReader<AudioFrame>, from: string): Promise<void> {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const pitch = pitchOf(next.value.data);
      if (pitch !== undefined) this.sounds.push({ at: Date.now(), from, pitch });
    }
  }
}

/** The loudest of the pitches, by Goertzel's algorithm; `undefined` for silence. */
function pitchOf(samples: Int16Array): number | undefined {
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
  if (Math.sqrt(energy / samples.length) < QUIET) return undefined;
  const powers = PITCHES.map((hertz) => {
    const factor = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
    let before = 0;
    let last = 0;
    for (const sample of samples) [before, last] = [last, sample + factor * last - before];
    return last * last + before * before - factor * last * before;
  });
  return powers.indexOf(Math.max(...powers));
}
