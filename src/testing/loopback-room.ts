import { EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import {
  ConnectionState,
  DisconnectReason,
  type LocalTrack,
  ParticipantKind,
  type Room,
  type TrackSource,
} from '@livekit/rtc-node';
import { filled } from '../option-table.ts';
import { TestingError } from './errors.ts';
import { LATENCY } from './loopback/latency.ts';
import { LoopbackLocalParticipant } from './loopback/local-participant.ts';
import type { Member } from './loopback/member.ts';
import { LoopbackNetwork } from './loopback/network.ts';
import type {
  JoinOptions,
  LoopbackParticipant,
  LoopbackPublication,
} from './loopback/participant.ts';
import type { LoopbackRoomEvents } from './loopback/room-events.ts';
import { RoomView } from './loopback/room-view.ts';
import { RpcCalls } from './loopback/rpc-calls.ts';
import { StreamInbox } from './loopback/stream-inbox.ts';
import { JOIN, LOOPBACK_ROOM } from './options.ts';
import '../internals/rtc-native-logs.ts';

export { LoopbackLocalParticipant } from './loopback/local-participant.ts';
export {
  type JoinOptions,
  LoopbackParticipant,
  LoopbackPublication,
} from './loopback/participant.ts';
export type { LoopbackRoomEvents } from './loopback/room-events.ts';

export interface LoopbackRoomOptions {
  /** Identity of the room's own participant, the agent. */
  readonly identity?: string;
  readonly name?: string;
  /** Subscribe to each published track, as a real room does by default. */
  readonly autoSubscribe?: boolean;
  /**
   * Carry speech as well. The agent session then uses the room like a real one, for audio, text and
   * RPC, and an avatar can join. By default, the session gets video only.
   */
  readonly speech?: boolean;
}

/** How long a server takes to notice a participant whose process died, in ms. */
const NOTICED_AFTER_MS = 20_000;

/**
 * A room without a server: rtc-node's events and objects around real tracks of this process. A test
 * controls participants by hand (`join`, `publish`, `leave`), or gives one a room object of its own
 * (`joinAs`), such as a user who listens to the agent.
 */
export class LoopbackRoom extends EventEmitter<LoopbackRoomEvents> {
  readonly name: string;
  readonly localParticipant: LoopbackLocalParticipant;
  readonly #network: LoopbackNetwork;
  readonly #member: Member;
  readonly #view: RoomView;
  readonly #streams = new StreamInbox();
  readonly #calls: RpcCalls;
  #state = ConnectionState.CONN_CONNECTED;

  /** @param place - Used by `joinAs` only. */
  constructor(options: LoopbackRoomOptions = {}, place?: LoopbackPlace) {
    super();
    const { name, identity, autoSubscribe, speech } = filled('', options, LOOPBACK_ROOM);
    this.name = name;
    this.#network = place?.network ?? new LoopbackNetwork();
    this.#member = memberOf(this.#network, identity, {
      kind: ParticipantKind.AGENT,
      ...place?.joining,
    });
    this.#calls = new RpcCalls(this.#member, this.#network);
    this.#view = new RoomView({
      room: this,
      self: () => this.localParticipant,
      autoSubscribe,
      isConnected: () => this.isConnected,
      onRemoved: (reason) => void this.disconnect(reason),
    });
    this.localParticipant = new LoopbackLocalParticipant({
      member: this.#member,
      network: this.#network,
      calls: this.#calls,
      events: {
        onPublished: (publication) =>
          this.emit('localTrackPublished', publication, this.localParticipant),
        onUnpublished: (publication) =>
          this.emit('localTrackUnpublished', publication, this.localParticipant),
        onSubscribed: ({ track }) => track && this.emit('localTrackSubscribed', track),
      },
    });
    this.#member.endpoint = { observer: this.#view, streams: this.#streams, calls: this.#calls };
    for (const member of this.#network.members.values()) this.#view.onPresent(member);
    this.#network.add(this.#member);
    // An agent session expects speech from a room that has these methods.
    if (speech) Object.assign(this, this.#streams.handlers);
  }

  get remoteParticipants(): ReadonlyMap<string, LoopbackParticipant> {
    return this.#view.participants;
  }

  get isConnected(): boolean {
    return this.#state !== ConnectionState.CONN_DISCONNECTED;
  }

  get connectionState(): ConnectionState {
    return this.#state;
  }

  async getSid(): Promise<string> {
    return `RM_${this.name}`;
  }

  /**
   * A participant joins with a room object of its own, which carries speech: it receives and
   * publishes tracks, calls and answers. The others are notified a moment later. A participant of
   * the same identity is removed, as by a server.
   */
  async joinAs(
    identity: string,
    { autoSubscribe = true, ...joining }: JoinOptions & { autoSubscribe?: boolean } = {},
  ): Promise<LoopbackRoom> {
    filled('', joining, JOIN);
    await wait(LATENCY.signalMs);
    this.#expel(identity, DisconnectReason.DUPLICATE_IDENTITY);
    const room = new LoopbackRoom(
      { identity, name: this.name, autoSubscribe, speech: true },
      {
        network: this.#network,
        joining: { kind: ParticipantKind.STANDARD, ...joining },
      },
    );
    const member = room.#member;
    void wait(LATENCY.joinMs).then(() => this.#network.announce(member));
    return room;
  }

  /** A participant joins that the test controls by hand. */
  join(identity: string, options: JoinOptions = {}): LoopbackParticipant {
    filled('', options, JOIN);
    if (this.#network.members.has(identity))
      throw new TestingError(
        'participant',
        `${identity} is already in the room`,
        `use another identity, or let ${identity} leave() first`,
      );
    const member = memberOf(this.#network, identity, options);
    this.#network.add(member);
    this.#network.announce(member);
    return this.#view.participants.get(identity) as LoopbackParticipant;
  }

  /** A participant leaves. Its tracks are unpublished first. */
  leave(identity: string): void {
    this.#participant(identity);
    this.#expel(identity, DisconnectReason.PARTICIPANT_REMOVED);
  }

  /**
   * The process of a participant dies: it no longer sends or receives anything. The room emits its
   * departure only after `noticedAfterMs`, by default 20 s, as a server does.
   */
  kill(identity: string, noticedAfterMs = NOTICED_AFTER_MS): void {
    this.#network.kill(this.#participant(identity), noticedAfterMs);
  }

  /** Emits `trackPublished`, and `trackSubscribed` in a later microtask if the room subscribes. */
  publish(identity: string, track: LocalTrack, source: TrackSource): LoopbackPublication {
    const owner = this.#participant(identity);
    const published = this.#network.publish(owner, {
      sid: this.#network.nextSid('TR'),
      media: track,
      source,
      feed: undefined,
      onSubscribed: () => {},
    });
    return this.#view.publicationOf(published) as LoopbackPublication;
  }

  /** Unsubscribes the track first. Its owner still has to close it. */
  unpublish(publication: LoopbackPublication): void {
    const track = this.#view.trackOf(publication);
    if (track) this.#network.unpublish(track);
  }

  mute(publication: LoopbackPublication): void {
    this.#setMuted(publication, true);
  }

  unmute(publication: LoopbackPublication): void {
    this.#setMuted(publication, false);
  }

  /** Sets attributes of a participant. An empty value removes one, as on a server. */
  setAttributes(identity: string, changed: Readonly<Record<string, string>>): void {
    this.#network.setAttributes(this.#participant(identity), changed);
  }

  /** Sets the active speakers. No identity means that all are silent. */
  speaking(...identities: string[]): void {
    this.#network.setSpeakers(identities.map((identity) => this.#participant(identity)));
  }

  /**
   * Loses the connection and restores it. A `resume` keeps everything in the room. After a `full`
   * reconnect, the others leave and join again, as new participants with new sids.
   */
  async reconnect(kind: 'resume' | 'full' = 'resume'): Promise<void> {
    const others = [...this.#network.members.values()].filter((member) => member !== this.#member);
    const present = kind === 'full' ? others : [];
    for (const member of present) this.#view.onLeft(member);
    this.#setState(ConnectionState.CONN_RECONNECTING);
    this.emit('reconnecting');
    await Promise.resolve();
    if (!this.isConnected) return;
    for (const member of present) this.#view.onRejoined(member, () => this.#network.nextSid('TR'));
    this.#setState(ConnectionState.CONN_CONNECTED);
    this.emit('reconnected');
  }

  /** Leaves the room. A room that its own side leaves drops its listeners, as rtc-node's does. */
  async disconnect(reason = DisconnectReason.CLIENT_INITIATED): Promise<void> {
    if (!this.isConnected) return;
    await Promise.resolve();
    if (this.#member.isAlive) this.#network.remove(this.#member);
    this.#streams.close();
    this.#calls.close();
    this.#setState(ConnectionState.CONN_DISCONNECTED);
    this.#view.close();
    this.emit('disconnected', reason);
    if (reason === DisconnectReason.CLIENT_INITIATED) this.removeAllListeners();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** This room as rtc-node's type. Only the members that are declared here work. */
  asRoom(): Room {
    return this as unknown as Room;
  }

  #participant(identity: string): Member {
    const member = this.#network.members.get(identity);
    if (member) return member;
    throw new TestingError(
      'participant',
      `${identity} is not in the room`,
      `call join('${identity}') first`,
    );
  }

  #expel(identity: string, reason: DisconnectReason): void {
    const member = this.#network.members.get(identity);
    if (!member) return;
    this.#network.remove(member);
    if (member.isAlive) member.endpoint?.observer.onRemoved(reason);
  }

  #setMuted(publication: LoopbackPublication, muted: boolean): void {
    const track = this.#view.trackOf(publication);
    if (track) this.#network.setMuted(track, muted);
  }

  #setState(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit('connectionStateChanged', state);
  }
}

/** The network that `joinAs` adds a room to. */
interface LoopbackPlace {
  readonly network: LoopbackNetwork;
  readonly joining: JoinOptions;
}

const memberOf = (
  network: LoopbackNetwork,
  identity: string,
  { kind = ParticipantKind.STANDARD, attributes }: JoinOptions,
): Member => ({
  sid: network.nextSid('PA'),
  identity,
  kind,
  attributes: { ...attributes },
  tracks: new Set(),
  isAlive: true,
  endpoint: undefined,
});
