import {
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
} from '@livekit/rtc-node';
import { doneWithin } from '../../time-limit.ts';
import type { ServerAccess } from '../livekit-server.ts';
import { joinRoom, leaveRoom } from '../rooms.ts';
import type { Person } from './steps.ts';
import type { StoryCamera } from './story-camera.ts';

/** Limit of the wait for the ends of its streams after it has left, in ms. */
const END_LIMIT_MS = 1000;

/**
 * A hidden participant of a room on a server, which receives what people show. It reports when a
 * picture has arrived behind the network, whatever the agent subscribes to.
 */
export class Witness {
  readonly #room: Room;
  /** By person and source. */
  readonly #cameras = new Map<string, StoryCamera>();
  readonly #reading: Promise<void>[] = [];

  private constructor(room: Room) {
    this.#room = room;
    room.on(RoomEvent.TrackPublished, (publication, participant) =>
      this.#subscribe(publication, participant),
    );
    room.on(RoomEvent.TrackSubscribed, (...subscribed) => this.#read(...subscribed));
  }

  static async join(server: ServerAccess, room: string): Promise<Witness> {
    const options = { hidden: true, autoSubscribe: false };
    return new Witness(await joinRoom(server, room, 'witness', options));
  }

  /** Reports to the camera when its pictures arrive, from its next publication on. */
  watch(who: Person, camera: StoryCamera): void {
    this.#cameras.set(keyOf(who, camera.camera.source), camera);
  }

  /** Leaves the room, which ends its streams. */
  async close(): Promise<void> {
    await leaveRoom(this.#room);
    await doneWithin(END_LIMIT_MS, Promise.all(this.#reading));
  }

  #subscribe(publication: RemoteTrackPublication, { identity }: RemoteParticipant): void {
    if (this.#cameras.has(keyOf(identity, publication.source))) publication.setSubscribed(true);
  }

  #read(
    track: RemoteTrack,
    { source }: RemoteTrackPublication,
    { identity }: RemoteParticipant,
  ): void {
    const camera = this.#cameras.get(keyOf(identity, source));
    if (camera) this.#reading.push(camera.read(track));
  }
}

const keyOf = (who: string, source: unknown) => `${who} ${source}`;
