import { setTimeout as wait } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import { ParticipantKind, type Room } from '@livekit/rtc-node';
import { AvatarRunner } from '../../avatar/worker/avatar-runner.ts';
import { DataStreamAudioReceiver } from '../../avatar/worker/data-stream-audio-receiver.ts';
import { FaceGenerator } from '../../avatar/worker/face-generator.ts';
import { FacePictures } from '../../avatar/worker/face-pictures.ts';
import type { AvatarSessionLike } from '../../index.ts';
import { filled } from '../../option-table.ts';
import { TestingError } from '../errors.ts';
import { AGENT, FACE } from '../identities.ts';
import type { ServerAccess } from '../livekit-server.ts';
import { LoopbackRoom } from '../loopback-room.ts';
import { AVATAR_FAULTS } from '../options.ts';
import { joinRoom, leaveRoom } from '../rooms.ts';
import { type AvatarFaults, misbehave } from './avatar-faults.ts';

export type { AvatarFaults } from './avatar-faults.ts';

const FORMAT = { width: 128, height: 128, fps: 10, sampleRate: 24_000, channels: 1 };

/** The agent's room: a loopback room that carries speech, or a server with the room's name. */
export type AvatarPlace = LoopbackRoom | ServerPlace;

/** A room of a server. */
export interface ServerPlace {
  server: ServerAccess;
  /** Its name. */
  room: string;
}

/** The avatar's participant, with the parts that drive it. */
interface Presence {
  close(): Promise<void>;
}

/**
 * An avatar in this process: a provider and a participant of the agent's room, with configurable
 * faults. It draws a face and speaks what the agent sends, as the framework's avatars do.
 *
 * @example
 * ```ts
 * const room = new LoopbackRoom({ speech: true });
 * const avatar = () => new TestAvatar(room, { finish: 'never' });
 * new VideoSession(session, { room: room.asRoom(), avatar });
 * ```
 */
export class TestAvatar implements AvatarSessionLike {
  readonly avatarIdentity: string;
  readonly provider = 'test';
  /** Number of calls of `start`, including failed ones. */
  starts = 0;
  /** Number of stops. */
  stops = 0;
  /** Errors of failed joins. */
  readonly errors: unknown[] = [];
  readonly #place: AvatarPlace;
  readonly #faults: AvatarFaults;
  /** Identity of the agent. */
  #agent: string = AGENT;
  /** More than one if a stopped one still joins when the next one has joined. */
  readonly #presences = new Set<Presence>();
  /** Resolves when no start is still joining. */
  #joining: Promise<unknown> = Promise.resolve();
  /** Identifies the current start; each start has a new object. */
  #call: object | undefined;

  /**
   * @param place - The agent's room.
   * @param identity - The avatar's identity in it.
   */
  constructor(place: AvatarPlace, faults: AvatarFaults = {}, identity: string = FACE) {
    filled('', faults, AVATAR_FAULTS);
    this.avatarIdentity = identity;
    this.#place = place;
    this.#faults = faults;
  }

  /** Number of starts that were not stopped. A real provider charges for each. */
  get running(): number {
    return this.starts - this.stops;
  }

  async start(session: voice.AgentSession, room: Room): Promise<void> {
    const { startsAfter, refuses, joinsAfter = 0 } = this.#faults;
    this.starts++;
    const call = {};
    this.#call = call;
    if (startsAfter) await wait(startsAfter);
    if (refuses && this.starts <= refuses.times) throw new Error(refuses.message);
    this.#agent = room.localParticipant?.identity ?? AGENT;
    session.output.audio = new voice.DataStreamAudioOutput({
      room,
      destinationIdentity: this.avatarIdentity,
      sampleRate: FORMAT.sampleRate,
      waitPlaybackStart: true,
    });
    if (joinsAfter === null) return;
    const joined = this.#joinLater(call, joinsAfter).catch((error) => this.errors.push(error));
    this.#joining = Promise.all([this.#joining, joined]);
  }

  /** Joins the room. Resolves when its video is published. */
  async join(): Promise<void> {
    await this.#join();
  }

  /** Joins if it is not stopped until then, and leaves if it is stopped meanwhile. */
  async #joinLater(call: object, afterMs: number): Promise<void> {
    await wait(afterMs);
    if (this.#call !== call) return;
    const presence = await this.#join();
    if (this.#call !== call) await this.#end(presence);
  }

  async #join(): Promise<Presence> {
    const room = await this.#enter();
    const audio = new DataStreamAudioReceiver(room, { senderIdentity: this.#agent });
    const video = new FaceGenerator(await FacePictures.draw({ ...FORMAT, name: '' }), FORMAT);
    const runner = new AvatarRunner({ room, audio, video, options: FORMAT });
    misbehave(room, this.#faults);
    const close = async () => {
      await runner.aclose();
      await leaveRoom(room);
    };
    const presence: Presence = { close };
    this.#presences.add(presence);
    const started = runner.start();
    // Without video it never starts, so it is not waited for.
    if (this.#faults.hasNoVideo) started.catch((error: unknown) => this.errors.push(error));
    else await started;
    return presence;
  }

  /** Leaves the room without a request, even in the middle of a word. */
  async leave(): Promise<void> {
    await Promise.all([...this.#presences].map((presence) => this.#end(presence)));
  }

  /** Leaves for good. Waits for a join that is under way. */
  async end(): Promise<void> {
    this.#call = undefined;
    await this.#joining;
    await this.leave();
  }

  async #end(presence: Presence): Promise<void> {
    if (this.#presences.delete(presence)) await presence.close();
  }

  /**
   * Its process dies, in the middle of a word or in silence. Sound that it has sent still arrives.
   * Only in a {@link LoopbackRoom}: on a server, kill a `LocalAvatar`.
   *
   * @param noticedAfterMs - Time until the room emits its departure, in ms.
   * @throws TestingError
   */
  async die(noticedAfterMs?: number): Promise<void> {
    if (!(this.#place instanceof LoopbackRoom))
      throw new TestingError(
        'participant',
        'an avatar in this process cannot die on a server',
        'use a LoopbackRoom, or kill the process of a LocalAvatar',
      );
    this.#place.kill(this.avatarIdentity, noticedAfterMs);
    await this.leave();
  }

  async aclose(): Promise<void> {
    this.stops++;
    this.#call = undefined;
    await this.leave();
  }

  async #enter(): Promise<Room> {
    const attributes = { 'lk.publish_on_behalf': this.#agent };
    if (!(this.#place instanceof LoopbackRoom)) {
      const { server, room } = this.#place;
      return joinRoom(server, room, this.avatarIdentity, { kind: 'agent', attributes });
    }
    const kind = ParticipantKind.AGENT;
    return (await this.#place.joinAs(this.avatarIdentity, { kind, attributes })).asRoom();
  }
}
