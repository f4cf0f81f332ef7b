import type { AgentDispatchClient, ParticipantInfo, RoomServiceClient } from 'livekit-server-sdk';

/** Numbers of LiveKit's protocol: the server SDK has no names for them. */
const STANDARD = 0;
const SIP = 3;
const AGENT = 4;

export interface RedispatcherOptions {
  readonly rooms: Pick<RoomServiceClient, 'listRooms' | 'listParticipants'>;
  readonly dispatches: Pick<AgentDispatchClient, 'createDispatch'>;
  /** How long a room may be without an agent: longer than an agent takes to come. In ms. */
  readonly graceMs: number;
  /** The clock, in ms; by default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Dispatches an agent to rooms that have people and no agent. A LiveKit server dispatches once,
 * when the room is made: not again when the agent's worker was killed, nor when every worker was
 * full at that moment.
 */
export class Redispatcher {
  readonly #options: RedispatcherOptions;
  readonly #now: () => number;
  /** When a room lost its agent, or when one was dispatched last. */
  readonly #alone = new Map<string, number>();

  constructor(options: RedispatcherOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Checks all rooms once. @returns the names of the rooms that got an agent. */
  async sweep(): Promise<string[]> {
    const { rooms, dispatches, graceMs } = this.#options;
    const names = (await rooms.listRooms()).map(({ name }) => name);
    for (const name of this.#alone.keys()) if (!names.includes(name)) this.#alone.delete(name);
    const sent: string[] = [];
    for (const name of names) {
      // The room was closed in the meantime.
      const participants = await rooms.listParticipants(name).catch(() => []);
      if (!participants.some(isPerson) || participants.some(isAgent)) {
        this.#alone.delete(name);
        continue;
      }
      const since = this.#alone.get(name) ?? this.#now();
      this.#alone.set(name, since);
      if (this.#now() - since < graceMs) continue;
      // A worker without a name takes jobs without a name.
      await dispatches.createDispatch(name, process.env.LIVEKIT_AGENT_NAME ?? '');
      this.#alone.set(name, this.#now());
      sent.push(name);
    }
    return sent;
  }
}

const isPerson = ({ kind }: ParticipantInfo) => [STANDARD, SIP].includes(kind);

/** An avatar has the kind of an agent, but speaks for another. */
const isAgent = ({ kind, attributes }: ParticipantInfo) =>
  kind.valueOf() === AGENT && !attributes['lk.publish_on_behalf'];
