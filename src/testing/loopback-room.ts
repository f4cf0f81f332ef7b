import { EventEmitter } from 'node:events';
import {
  ConnectionState,
  DisconnectReason,
  type LocalTrack,
  ParticipantKind,
  type Room,
  TrackKind,
  type TrackSource,
} from '@livekit/rtc-node';
import { isTrackMuted, onTrackMuted } from './camera/track-mute.ts';
import { TestingError } from './errors.ts';

/** A publication of somebody else's track, with what rtc-node's `RemoteTrackPublication` tells. */
export class LoopbackPublication {
  readonly sid: string;
  readonly source: TrackSource;
  readonly kind: TrackKind;
  readonly name: string;
  muted = false;
  subscribed = false;
  /** Set while subscribed, as in a real room. */
  track: LocalTrack | undefined;
  readonly #request: (subscribed: boolean) => void;

  constructor(
    sid: string,
    media: LocalTrack,
    source: TrackSource,
    request: (subscribed: boolean) => void,
  ) {
    this.sid = sid;
    this.source = source;
    this.kind = media.kind ?? TrackKind.KIND_VIDEO;
    this.name = media.name ?? '';
    this.#request = request;
  }

  /** Asks for the track or gives it up; the event follows later, as from a server. */
  setSubscribed(subscribed: boolean): void {
    this.#request(subscribed);
  }
}

/** Somebody in the room, with what rtc-node's participants tell. */
export class LoopbackParticipant {
  readonly identity: string;
  readonly kind: ParticipantKind;
  attributes: Record<string, string>;
  readonly trackPublications = new Map<string, LoopbackPublication>();

  constructor(identity: string, options: JoinOptions = {}) {
    this.identity = identity;
    this.kind = options.kind ?? ParticipantKind.STANDARD;
    this.attributes = { ...options.attributes };
  }
}

export interface JoinOptions {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly kind?: ParticipantKind;
}

/** The events of rtc-node's room that this room has. */
export interface LoopbackRoomEvents {
  participantConnected: [participant: LoopbackParticipant];
  participantDisconnected: [participant: LoopbackParticipant];
  trackPublished: [publication: LoopbackPublication, participant: LoopbackParticipant];
  trackUnpublished: [publication: LoopbackPublication, participant: LoopbackParticipant];
  trackSubscribed: [
    track: LocalTrack,
    publication: LoopbackPublication,
    participant: LoopbackParticipant,
  ];
  trackUnsubscribed: [
    track: LocalTrack,
    publication: LoopbackPublication,
    participant: LoopbackParticipant,
  ];
  trackMuted: [publication: LoopbackPublication, participant: LoopbackParticipant];
  trackUnmuted: [publication: LoopbackPublication, participant: LoopbackParticipant];
  participantAttributesChanged: [changed: Record<string, string>, participant: LoopbackParticipant];
  activeSpeakersChanged: [speakers: LoopbackParticipant[]];
  connectionStateChanged: [state: ConnectionState];
  reconnecting: [];
  reconnected: [];
  disconnected: [reason: DisconnectReason];
}

export interface LoopbackRoomOptions {
  readonly identity?: string;
  readonly name?: string;
  /** Subscribe to what is published without being asked, as a real room does by default. */
  readonly autoSubscribe?: boolean;
}

/** A publication's media and owner, which a subscriber does not see. */
interface Published {
  readonly participant: LoopbackParticipant;
  readonly media: LocalTrack;
  /** Ends that the room hears of its owner's switch. */
  forget(): void;
}

/**
 * A room without a server: rtc-node's events and objects, as far as a watcher of video needs them,
 * around real tracks of this process. The order of the events is that of rtc-node 0.13.35.
 */
export class LoopbackRoom extends EventEmitter<LoopbackRoomEvents> {
  readonly name: string;
  readonly remoteParticipants = new Map<string, LoopbackParticipant>();
  readonly localParticipant: LoopbackParticipant;
  readonly #autoSubscribe: boolean;
  readonly #published = new Map<LoopbackPublication, Published>();
  #state = ConnectionState.CONN_CONNECTED;
  #sids = 0;

  constructor(options: LoopbackRoomOptions = {}) {
    super();
    this.name = options.name ?? 'loopback';
    this.localParticipant = new LoopbackParticipant(options.identity ?? 'agent', {
      kind: ParticipantKind.AGENT,
    });
    this.#autoSubscribe = options.autoSubscribe ?? true;
  }

  get isConnected(): boolean {
    return this.#state !== ConnectionState.CONN_DISCONNECTED;
  }

  get connectionState(): ConnectionState {
    return this.#state;
  }

  /** Somebody comes in. */
  join(identity: string, options: JoinOptions = {}): LoopbackParticipant {
    if (this.remoteParticipants.has(identity))
      throw new TestingError(
        'participant',
        `${identity} is in the room already`,
        `use another identity, or let ${identity} leave() first`,
      );
    const participant = new LoopbackParticipant(identity, options);
    this.remoteParticipants.set(identity, participant);
    this.emit('participantConnected', participant);
    return participant;
  }

  /** Somebody goes; their tracks go first. */
  leave(identity: string): void {
    const participant = this.#participant(identity);
    for (const publication of [...participant.trackPublications.values()])
      this.unpublish(publication);
    this.remoteParticipants.delete(identity);
    this.emit('participantDisconnected', participant);
  }

  /** `trackPublished` now; if the room subscribes, `trackSubscribed` on a later microtask. */
  publish(identity: string, track: LocalTrack, source: TrackSource): LoopbackPublication {
    const participant = this.#participant(identity);
    this.#sids += 1;
    const sid = `TR_loopback_${this.#sids}`;
    const publication = new LoopbackPublication(sid, track, source, (subscribed) =>
      queueMicrotask(() => this.#setSubscribed(publication, subscribed)),
    );
    publication.muted = isTrackMuted(track);
    const forget = onTrackMuted(track, (muted) => this.#setMuted(publication, muted));
    this.#published.set(publication, { participant, media: track, forget });
    participant.trackPublications.set(sid, publication);
    this.emit('trackPublished', publication, participant);
    if (this.#autoSubscribe) publication.setSubscribed(true);
    return publication;
  }

  /** A subscribed track is unsubscribed first. The track itself stays its owner's to close. */
  unpublish(publication: LoopbackPublication): void {
    const published = this.#published.get(publication);
    if (!published) return;
    this.#setSubscribed(publication, false);
    published.forget();
    this.#published.delete(publication);
    published.participant.trackPublications.delete(publication.sid);
    this.emit('trackUnpublished', publication, published.participant);
  }

  mute(publication: LoopbackPublication): void {
    this.#setMuted(publication, true);
  }

  unmute(publication: LoopbackPublication): void {
    this.#setMuted(publication, false);
  }

  /** Sets attributes of somebody; an empty value takes one away, as on a server. */
  setAttributes(identity: string, changed: Readonly<Record<string, string>>): void {
    const participant = this.#participant(identity);
    const merged = Object.entries({ ...participant.attributes, ...changed });
    participant.attributes = Object.fromEntries(merged.filter(([, value]) => value !== ''));
    this.emit('participantAttributesChanged', { ...changed }, participant);
  }

  /** Says who speaks now; nobody without identities. */
  speaking(...identities: string[]): void {
    this.emit(
      'activeSpeakersChanged',
      identities.map((identity) => this.#participant(identity)),
    );
  }

  /**
   * Loses the connection and gets it back. A `resume` keeps all that is in the room; a `full`
   * reconnect sends everybody out and in again, with new participants and new sids.
   */
  async reconnect(kind: 'resume' | 'full' = 'resume'): Promise<void> {
    const present = kind === 'full' ? this.#present() : [];
    for (const { identity } of present) this.leave(identity);
    this.#setState(ConnectionState.CONN_RECONNECTING);
    this.emit('reconnecting');
    await Promise.resolve();
    if (!this.isConnected) return;
    for (const { identity, options, tracks } of present) {
      this.join(identity, options);
      for (const { media, source, muted } of tracks)
        this.publish(identity, media, source).muted = muted;
    }
    this.#setState(ConnectionState.CONN_CONNECTED);
    this.emit('reconnected');
  }

  /** Leaves the room. Left by ourselves, the room forgets its listeners, as rtc-node's does. */
  async disconnect(reason = DisconnectReason.CLIENT_INITIATED): Promise<void> {
    if (!this.isConnected) return;
    await Promise.resolve();
    this.#setState(ConnectionState.CONN_DISCONNECTED);
    this.emit('disconnected', reason);
    if (reason === DisconnectReason.CLIENT_INITIATED) this.removeAllListeners();
  }

  /** This room where rtc-node's is asked for: only what is declared here may be used. */
  asRoom(): Room {
    return this as unknown as Room;
  }

  #participant(identity: string): LoopbackParticipant {
    const participant =
      identity === this.localParticipant.identity
        ? this.localParticipant
        : this.remoteParticipants.get(identity);
    if (participant) return participant;
    throw new TestingError(
      'participant',
      `${identity} is not in the room`,
      `call join('${identity}') first`,
    );
  }

  #setSubscribed(publication: LoopbackPublication, subscribed: boolean): void {
    const published = this.#published.get(publication);
    if (!published || !this.isConnected || publication.subscribed === subscribed) return;
    const { participant, media } = published;
    publication.subscribed = subscribed;
    publication.track = subscribed ? media : undefined;
    const event = subscribed ? 'trackSubscribed' : 'trackUnsubscribed';
    this.emit(event, media, publication, participant);
  }

  #setMuted(publication: LoopbackPublication, muted: boolean): void {
    const published = this.#published.get(publication);
    if (!published || publication.muted === muted) return;
    publication.muted = muted;
    this.emit(muted ? 'trackMuted' : 'trackUnmuted', publication, published.participant);
  }

  #setState(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit('connectionStateChanged', state);
  }

  /** Who is here with what, to come back after a full reconnect. */
  #present() {
    return [...this.remoteParticipants.values()].map((participant) => ({
      identity: participant.identity,
      options: { attributes: participant.attributes, kind: participant.kind },
      tracks: [...participant.trackPublications.values()].flatMap((publication) => {
        const published = this.#published.get(publication);
        const { source, muted } = publication;
        return published ? [{ media: published.media, source, muted }] : [];
      }),
    }));
  }
}
