import type { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import type { VideoSession } from '../../index.ts';
import type { AvatarFaults } from '../avatar/avatar-faults.ts';
import { Ears, type Sound } from '../avatar/ears.ts';
import { generatedStair } from '../avatar/stair.ts';
import { TestAvatar } from '../avatar/test-avatar.ts';
import { FACE } from '../identities.ts';
import { ON_ITS_WAY_MS } from './heard.ts';
import type { Speech, StoryRecord } from './record.ts';
import type { AvatarKind } from './steps.ts';
import type { StoryRoom } from './story-room.ts';

/** How long to wait before silence counts, in ms, because sound takes a while to arrive. */
const QUIET_MS = 400;
/** Limit of the wait until the agent is heard, in ms. */
const PATIENCE_MS = 4000;
/** Pieces of 20 ms that count as heard speech. */
const HEARD_PIECES = 10;

/** The agent session that speaks. */
interface Speaker {
  readonly session: voice.AgentSession;
  readonly isClosing: boolean;
}

const FAULTS: Readonly<Record<AvatarKind, AvatarFaults>> = {
  well: {},
  late: { joinsAfter: 500 },
  refusedOnce: { refuses: { times: 1, message: 'HTTP 503' } },
  withoutVideo: { hasNoVideo: true },
  withoutReports: { finish: 'never' },
  refusesClear: { clear: 'refused' },
};

/** The speech of the agent in a story: the user who listens, and the avatars that speak. */
export class StorySpeech {
  readonly #room: StoryRoom;
  readonly #record: StoryRecord;
  readonly #ears: Ears[] = [];
  readonly #avatars: TestAvatar[] = [];

  constructor(room: StoryRoom, record: StoryRecord) {
    this.#room = room;
    this.#record = record;
  }

  /** All sounds that the user heard. */
  get sounds(): Sound[] {
    return this.#ears.flatMap(({ sounds }) => sounds);
  }

  /** The steps that the user heard. */
  get steps(): number[] {
    return this.#ears.flatMap(({ steps }) => steps);
  }

  /** The user listens in their own room. */
  listen(room: Room): void {
    this.#ears.push(new Ears(room));
  }

  /** The agent's avatar. Only the first one of a story has the fault. */
  avatar(kind: AvatarKind): TestAvatar {
    return this.#made(new TestAvatar(this.#room.place, FAULTS[kind]));
  }

  /** Another avatar, with a new identity. */
  another(): TestAvatar {
    return this.#made(new TestAvatar(this.#room.place, {}, `${FACE}-${this.#avatars.length + 1}`));
  }

  /** Resolves after the speech, when the user hears nothing more. */
  async say(agent: Speaker, step: number, ms: number): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!agent.isClosing) {
      try {
        const handle = agent.session.say('A stair.', { audio: generatedStair(ms) });
        const speech: Speech = { step, at: Date.now(), ms };
        this.#record.speeches.push(speech);
        await handle.waitForPlayout();
        speech.doneAt = Date.now();
        return await this.quiet();
      } catch (error) {
        // The framework refuses speech until the agent has started.
        if (Date.now() > deadline) throw error;
        await later();
      }
    }
  }

  /** The user is not in the room for a while, or for good. */
  missed(): void {
    const now = Date.now();
    for (const speech of this.#record.speeches)
      if ((speech.doneAt ?? now) + ON_ITS_WAY_MS > now) speech.isMissed = true;
  }

  /** Resolves when the agent is heard, if it is about to speak. */
  async heard(): Promise<void> {
    const { length } = this.sounds;
    const deadline = Date.now() + PATIENCE_MS;
    const isDue = () =>
      this.#record.speeches.some(({ doneAt }) => doneAt === undefined) &&
      this.sounds.length < length + HEARD_PIECES &&
      Date.now() < deadline;
    while (isDue()) await later();
  }

  async die(): Promise<void> {
    await this.heard();
    this.#takenOver();
    await this.#present()?.die();
  }

  async leave(): Promise<void> {
    await this.heard();
    this.#takenOver();
    await this.#present()?.leave();
  }

  async swap(video: VideoSession | undefined, to: 'another' | 'none'): Promise<void> {
    await this.heard();
    video?.setAvatar(to === 'none' ? null : this.another());
  }

  /** Resolves after a while of silence. */
  async quiet(): Promise<void> {
    while (Date.now() - (this.sounds.at(-1)?.at ?? 0) < QUIET_MS) await later();
  }

  async close(): Promise<void> {
    await Promise.all(this.#ears.map((ears) => ears.close()));
    await Promise.all(this.#avatars.map((avatar) => avatar.end()));
  }

  #takenOver(): void {
    for (const speech of this.#record.speeches)
      if (speech.doneAt === undefined) speech.isTakenOver = true;
  }

  #made(avatar: TestAvatar): TestAvatar {
    this.#avatars.push(avatar);
    return avatar;
  }

  /** The newest avatar that is in the room. */
  #present(): TestAvatar | undefined {
    return this.#avatars.findLast(({ avatarIdentity }) => this.#room.has(avatarIdentity));
  }
}

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
