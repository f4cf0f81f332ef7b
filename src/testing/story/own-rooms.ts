import type { LoopbackRoom } from '../loopback-room.ts';
import type { Person } from './steps.ts';

/** The room objects of people who hear the agent or switch its video. */
export class OwnRooms {
  readonly #room: LoopbackRoom;
  readonly #rooms: LoopbackRoom[] = [];
  readonly #newest = new Map<Person, LoopbackRoom>();

  /** @param room - The agent's. */
  constructor(room: LoopbackRoom) {
    this.#room = room;
  }

  /** Resolves when the agent's room has the person. */
  async join(who: Person): Promise<LoopbackRoom> {
    const own = await this.#room.joinAs(who);
    this.#rooms.push(own);
    this.#newest.set(who, own);
    while (!this.#room.remoteParticipants.has(who)) await this.#joined();
    return own;
  }

  /** @throws Error if the person never joined. */
  of(who: Person): LoopbackRoom {
    const own = this.#newest.get(who);
    if (!own) throw new Error(`${who} is not in the room`);
    return own;
  }

  /** Disconnects all of them. */
  async close(): Promise<void> {
    await Promise.all(this.#rooms.map((room) => room.disconnect()));
  }

  async #joined(): Promise<void> {
    await new Promise<void>((resolve) => this.#room.once('participantConnected', () => resolve()));
  }
}
