import { AudioSource, LocalAudioTrack, TrackPublishOptions, TrackSource } from '@livekit/rtc-node';
import type { ServerAccess } from '../livekit-server.ts';
import { network } from '../network-fault.ts';
import { until } from '../waits.ts';
import { type ControlRooms, openControlRooms } from './control-rooms.ts';
import { Ears, type Sound } from './ears.ts';
import { PIECE_MS, PITCH_COUNT, STAIR_RATE, STEP_MS, stair } from './stair.ts';

/** Length of the queue of the control's source, in ms: as that of an avatar. */
const QUEUE_MS = 100;
/** Time without a sound that counts as a loss, in ms. */
const GAP_MS = 500;
/** Number of pieces of each pitch. */
const STEP_PIECES = STEP_MS / PIECE_MS;
/** A piece between two pitches counts for one of them, at both ends of a step. */
const MOST_MIXED = 2;

/** A time in which sound was lost, in ms since the epoch. */
interface Loss {
  readonly from: number;
  readonly to: number;
}

/**
 * A stair without an end, from a source through a room of its own to ears, without an agent. A busy
 * machine loses sound on this way: what a user hears can be judged only while the control is whole.
 */
export class SoundControl {
  readonly #server: ServerAccess | undefined;
  readonly #source = new AudioSource(STAIR_RATE, 1, QUEUE_MS);
  readonly #track = LocalAudioTrack.createAudioTrack('control', this.#source);
  #rooms: ControlRooms | undefined;
  #ears: Ears | undefined;
  #played: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #endedAt = Number.POSITIVE_INFINITY;

  /** @param server - Its room is on this server. By default, it is a loopback room. */
  constructor(server?: ServerAccess) {
    this.#server = server;
  }

  /** Resolves when the control is heard. */
  async start(): Promise<this> {
    this.#rooms = await openControlRooms(this.#server);
    const { speaker, listener } = this.#rooms;
    const ears = new Ears(listener);
    this.#ears = ears;
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
    const published = speaker.localParticipant?.publishTrack(this.#track, options);
    await network('publication of the control', Promise.resolve(published));
    this.#played = this.#play();
    await until('heard: the control', () => ears.sounds.length > 0);
    return this;
  }

  /** Whether the control was heard whole and in order in this time, in ms since the epoch. */
  isWhole(from: number, to: number): boolean {
    const until = Math.min(to, this.#endedAt);
    const losses = soundLosses(this.#ears?.sounds ?? [], until);
    return losses.every((loss) => loss.to < from || loss.from > until);
  }

  /** Ends the sound. The losses so far stay known. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#endedAt = Date.now();
    await this.#played;
    await this.#ears?.close();
    await this.#track.close(true);
    await this.#rooms?.close();
  }

  async #play(): Promise<void> {
    const frames = stair(PITCH_COUNT * STEP_MS);
    for (let index = 0; this.#endedAt > Date.now(); index++) {
      const frame = frames[index % frames.length];
      if (frame) await this.#source.captureFrame(frame);
    }
  }
}

/** The times in which a stair without an end was not heard whole and in order, until a time. */
export function soundLosses(sounds: readonly Sound[], until: number): Loss[] {
  const gaps = sounds.flatMap(({ at }, index) => {
    const to = sounds[index + 1]?.at ?? until;
    return to - at > GAP_MS ? [{ from: at, to }] : [];
  });
  if (sounds.length === 0) gaps.push({ from: 0, to: until });
  const steps = stepsOf(sounds);
  const wrong = steps.flatMap(({ from, pitch, pieces }, index) => {
    const next = steps[index + 1];
    // The last step is not over.
    if (!next) return [];
    const isInOrder = next.pitch === (pitch + 1) % PITCH_COUNT;
    const isWhole = Math.abs(pieces - STEP_PIECES) <= MOST_MIXED;
    return isInOrder && isWhole ? [] : [{ from, to: next.from }];
  });
  return [...gaps, ...wrong];
}

/** Consecutive pieces of one pitch. */
interface Step {
  readonly from: number;
  readonly pitch: number;
  pieces: number;
}

function stepsOf(sounds: readonly Sound[]): Step[] {
  const steps: Step[] = [];
  for (const { at, pitch } of sounds) {
    const last = steps.at(-1);
    if (last?.pitch === pitch) last.pieces += 1;
    else steps.push({ from: at, pitch, pieces: 1 });
  }
  return steps;
}
