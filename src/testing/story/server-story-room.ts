import { type Room, RoomEvent, SimulateScenarioKind, TrackPublishOptions } from '@livekit/rtc-node';
import type { ServerPlace } from '../avatar/test-avatar.ts';
import { AGENT } from '../identities.ts';
import type { ServerAccess } from '../livekit-server.ts';
import { NETWORK_LIMIT_MS, network, networkFault } from '../network-fault.ts';
import { joinRoom, leaveRoom, uniqueRoomName } from '../rooms.ts';
import { untilEvent } from '../waits.ts';
import type { Person } from './steps.ts';
import type { StoryCamera } from './story-camera.ts';
import type { StoryRoom } from './story-room.ts';
import { Witness } from './witness.ts';

/** Each of them may mean that the agent's room has news of a person. */
const NEWS = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
];

const SCENARIOS = {
  resume: SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT,
  full: SimulateScenarioKind.SIMULATE_FULL_RECONNECT,
} as const;

/**
 * The room of a story on a LiveKit server. Each person has a room object. What an operation throws
 * is a `TestingError` of the fault `server` or `timeout`.
 */
export class ServerStoryRoom implements StoryRoom {
  readonly agent: Room;
  readonly place: ServerPlace;
  readonly hasDelay = true;
  readonly hasLink = true;
  readonly hasOwnRooms = true;
  readonly spreadMs = 200;
  readonly avatarJoinMs = 5000;
  readonly #witness: Witness;
  readonly #newest = new Map<Person, Room>();
  readonly #all = new Set<Room>();

  private constructor(agent: Room, witness: Witness, place: ServerPlace) {
    this.agent = agent;
    this.#witness = witness;
    this.place = place;
  }

  /** A new room, with the agent and a witness in it. */
  static async open(server: ServerAccess): Promise<ServerStoryRoom> {
    const place = { server, room: uniqueRoomName('story') };
    const agent = await network(
      'join of the agent',
      joinRoom(server, place.room, AGENT, { kind: 'agent' }),
    );
    const witness = await network('join of the witness', Witness.join(server, place.room));
    return new ServerStoryRoom(agent, witness, place);
  }

  has(identity: string): boolean {
    return this.agent.remoteParticipants.has(identity);
  }

  of(who: Person): Room {
    const room = this.#newest.get(who);
    if (!room) throw new Error(`${who} is not in the room`);
    return room;
  }

  async join(who: Person): Promise<Room> {
    const { server, room: name } = this.place;
    const room = await network(`join of ${who}`, joinRoom(server, name, who));
    this.#newest.set(who, room);
    this.#all.add(room);
    await this.#news(`join of ${who}`, () => this.has(who));
    return room;
  }

  async leave(who: Person): Promise<void> {
    await this.#leave(this.of(who));
    await this.#news(`departure of ${who}`, () => !this.has(who));
  }

  async publish(who: Person, camera: StoryCamera): Promise<void> {
    const { track, source } = camera.camera;
    this.#witness.watch(who, camera);
    const options = new TrackPublishOptions({ source, simulcast: false });
    await network('publication', ownOf(this.of(who)).publishTrack(track, options));
    await this.#news(`track of ${who}`, () => this.#published(who, camera) !== undefined);
  }

  async unpublish(who: Person, camera: StoryCamera): Promise<void> {
    const own = ownOf(this.of(who));
    const publication = camera.publicationIn(own.trackPublications.values());
    await network('end of a publication', own.unpublishTrack(publication?.sid ?? ''));
    await this.#news(`end of a track of ${who}`, () => !this.#published(who, camera));
  }

  async setMuted(who: Person, camera: StoryCamera, muted: boolean): Promise<void> {
    if (muted) camera.mute();
    else camera.unmute();
    const isMuted = () => this.#published(who, camera)?.muted === muted;
    await this.#news(`${muted ? '' : 'un'}mute of ${who}`, isMuted);
  }

  async reconnect(how: 'resume' | 'full'): Promise<void> {
    const before = this.#tracks;
    let isBack = false;
    this.agent.once(RoomEvent.Reconnected, () => {
      isBack = true;
    });
    const back = this.#news('reconnect', () => isBack, [RoomEvent.Reconnected]);
    await Promise.all([network('cut', this.agent.simulateScenario(SCENARIOS[how])), back]);
    const hasAll = () => before.every((track) => this.#tracks.includes(track));
    await this.#news('all tracks after the reconnect', hasAll);
  }

  async close(): Promise<void> {
    const rooms = [...this.#all, this.agent];
    await Promise.all([this.#witness.close(), ...rooms.map((room) => this.#leave(room))]);
  }

  async #leave(room: Room): Promise<void> {
    this.#all.delete(room);
    if (!(await leaveRoom(room))) throw networkFault('rtc-node did not leave the room');
  }

  /** The agent's publication of this camera. */
  #published(who: Person, camera: StoryCamera) {
    const published = this.agent.remoteParticipants.get(who)?.trackPublications.values() ?? [];
    return camera.publicationIn(published);
  }

  /** What the agent's room has of all people. */
  get #tracks(): string[] {
    return [...this.agent.remoteParticipants.values()].flatMap(({ identity, trackPublications }) =>
      [...trackPublications.values()].map(({ source }) => `${identity} ${source}`),
    );
  }

  #news(what: string, isThere: () => boolean, events: readonly string[] = NEWS): Promise<void> {
    return untilEvent(`news for the agent: ${what}`, this.agent, events, isThere, NETWORK_LIMIT_MS);
  }
}

function ownOf({ localParticipant }: Room) {
  if (!localParticipant) throw networkFault('a person was removed');
  return localParticipant;
}
