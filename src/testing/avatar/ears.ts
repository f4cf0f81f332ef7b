import { setImmediate } from 'node:timers/promises';
import {
  type AudioFrame,
  AudioStream,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
  TrackKind,
} from '@livekit/rtc-node';
import { OptionError } from '../../errors.ts';
import { until } from '../waits.ts';
import { PIECE_MS, pitchOf, STAIR_RATE } from './stair.ts';

/** A piece of 20 ms of sound. */
export interface Sound {
  /** In ms since the epoch. */
  readonly at: number;
  /** Identity of the speaker. */
  readonly from: string;
  /** Index in `PITCHES`. */
  readonly pitch: number;
}

/** A silence between two sounds. */
export interface Gap {
  /** Its beginning, in ms since the epoch. */
  readonly at: number;
  readonly ms: number;
}

/** Consecutive pieces of one pitch that count as a step. Fewer are a transition. */
const STEP_PIECES = 3;

/**
 * Records all sounds in a room with their speakers, as a user hears them.
 *
 * @example
 * ```ts
 * const room = new LoopbackRoom({ speech: true });
 * const user = await room.joinAs('user');
 * const ears = new Ears(user.asRoom());
 * await session.say('A stair.', { audio: stairSpeech(2000) }).waitForPlayout();
 * await ears.quiet();
 * assert.deepEqual(ears.steps, stairSteps(2000));
 * ```
 */
export class Ears {
  /** All sounds, without silence. */
  readonly sounds: Sound[] = [];
  readonly #room: Room;
  readonly #readers = new Map<string, ReadableStreamDefaultReader<AudioFrame>>();
  readonly #listen = (
    track: RemoteTrack | undefined,
    _publication: RemoteTrackPublication,
    { identity }: RemoteParticipant,
  ) => {
    if (track?.kind !== TrackKind.KIND_AUDIO || !track.sid || this.#readers.has(track.sid)) return;
    const stream = new AudioStream(track, { sampleRate: STAIR_RATE, frameSizeMs: PIECE_MS });
    const reader = stream.getReader();
    this.#readers.set(track.sid, reader);
    void this.#hear(reader, identity);
  };

  /**
   * @param room - The user's own room object, not the agent's.
   * @throws OptionError if it is not a room.
   */
  constructor(room: Room) {
    if (typeof room?.on !== 'function' || !(room.remoteParticipants instanceof Map))
      throw new OptionError('room', room, "pass the user's room, such as `user.asRoom()`");
    this.#room = room;
    room.on(RoomEvent.TrackSubscribed, this.#listen);
    for (const participant of room.remoteParticipants.values())
      for (const publication of participant.trackPublications.values())
        this.#listen(publication.track, publication, participant);
  }

  /** Pitches of a `stair` in the order in which they were heard. */
  get steps(): number[] {
    return this.stepsFrom(0);
  }

  /**
   * The same without the first `count` of the {@link sounds}. A stair that begins with the pitch that
   * was heard last has this pitch here, and not in the end of {@link steps}.
   */
  stepsFrom(count: number): number[] {
    const steps: number[] = [];
    const sounds = this.sounds.slice(count);
    let length = 0;
    for (const [index, { pitch }] of sounds.entries()) {
      length = sounds[index - 1]?.pitch === pitch ? length + 1 : 1;
      if (length === STEP_PIECES && steps.at(-1) !== pitch) steps.push(pitch);
    }
    return steps;
  }

  /** The speakers since a time, in ms since the epoch, in the order of their first sounds. */
  speakers(since = 0): string[] {
    return [...new Set(this.sounds.filter(({ at }) => at >= since).map(({ from }) => from))];
  }

  /** Duration of the sounds since a time, in ms. */
  heardMs(since = 0): number {
    return this.sounds.filter(({ at }) => at >= since).length * PIECE_MS;
  }

  /** Silences of at least this length since a time: before the first sound, and between sounds. */
  gaps(since: number, atLeastMs = 0): Gap[] {
    const times = this.sounds.map(({ at }) => at).filter((at) => at >= since);
    return times
      .map((at, index) => ({ at: times[index - 1] ?? since, end: at }))
      .map(({ at, end }) => ({ at, ms: end - at }))
      .filter(({ ms }) => ms >= atLeastMs);
  }

  /** The longest of the {@link gaps}, in ms. */
  longestGap(since: number): number {
    return Math.max(0, ...this.gaps(since).map(({ ms }) => ms));
  }

  /** Resolves after this time without sound, in ms. @throws TestingError if sound continues. */
  quiet(forMs = 400): Promise<void> {
    const calm = () => Date.now() - (this.sounds.at(-1)?.at ?? 0) > forMs;
    return until('silence', async () => {
      if (!calm()) return false;
      // On a busy machine, sound may wait for this process as long.
      await setImmediate();
      return calm();
    });
  }

  /** Closes all streams and removes the listener. */
  async close(): Promise<void> {
    this.#room.off(RoomEvent.TrackSubscribed, this.#listen);
    await Promise.all([...this.#readers.values()].map((reader) => reader.cancel().catch(() => {})));
  }

  async #hear(reader: ReadableStreamDefaultReader<AudioFrame>, from: string): Promise<void> {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const pitch = pitchOf(next.value.data);
      if (pitch !== undefined) this.sounds.push({ at: Date.now(), from, pitch });
    }
  }
}
