import type { EventEmitter } from 'node:events';
import { DataPacketKind, type DisconnectReason } from '@livekit/rtc-node';
import type { Member, MemberTrack, Observer } from './member.ts';
import { LoopbackParticipant, LoopbackPublication } from './participant.ts';
import type { LoopbackRoomEvents } from './room-events.ts';
import type { Reception } from './track-feed.ts';

export interface RoomViewDeps {
  /** Emits the events. */
  readonly room: EventEmitter<LoopbackRoomEvents>;
  /** The room's own participant. */
  self(): LoopbackParticipant<unknown>;
  readonly autoSubscribe: boolean;
  isConnected(): boolean;
  onRemoved(reason: DisconnectReason): void;
}

interface Seen {
  readonly track: MemberTrack;
  readonly participant: LoopbackParticipant;
  /** Set for a subscribed track that has a feed. */
  reception: Reception | undefined;
}

/** The other participants, as one of them sees them. The order of events is rtc-node 0.13.35's. */
export class RoomView implements Observer {
  readonly participants = new Map<string, LoopbackParticipant>();
  readonly #deps: RoomViewDeps;
  readonly #publications = new Map<LoopbackPublication, Seen>();

  constructor(deps: RoomViewDeps) {
    this.#deps = deps;
  }

  /** The track of a publication; `undefined` if it is no longer published. */
  trackOf(publication: LoopbackPublication): MemberTrack | undefined {
    return this.#publications.get(publication)?.track;
  }

  publicationOf(track: MemberTrack): LoopbackPublication | undefined {
    for (const [publication, seen] of this.#publications)
      if (seen.track === track) return publication;
    return undefined;
  }

  /** A member that joined before the room's own participant: only its tracks cause events. */
  onPresent(member: Member): void {
    const participant = this.#add(member);
    for (const track of member.tracks) this.#subscribeTo(this.#see(track, participant, track.sid));
  }

  onJoined(member: Member): void {
    if (this.participants.get(member.identity)?.sid === member.sid) return;
    const participant = this.#add(member);
    this.#deps.room.emit('participantConnected', participant);
    for (const track of member.tracks) this.onPublished(track);
  }

  /** After a full reconnect: participants and publications become new objects. */
  onRejoined(member: Member, nextSid: () => string): void {
    this.#deps.room.emit('participantConnected', this.#add(member));
    for (const track of member.tracks) this.onPublished(track, nextSid());
  }

  onLeft({ identity, sid }: Member): void {
    const participant = this.participants.get(identity);
    if (participant?.sid !== sid) return;
    for (const [publication, seen] of [...this.#publications])
      if (seen.participant === participant) this.#unsee(publication);
    this.participants.delete(identity);
    this.#deps.room.emit('participantDisconnected', participant);
  }

  onPublished(track: MemberTrack, sid = track.sid): void {
    const participant = this.participants.get(track.owner.identity);
    if (!participant) return;
    const publication = this.#see(track, participant, sid);
    this.#deps.room.emit('trackPublished', publication, participant);
    this.#subscribeTo(publication);
  }

  onUnpublished(track: MemberTrack): void {
    const publication = this.publicationOf(track);
    if (publication) this.#unsee(publication);
  }

  onMuted(track: MemberTrack): void {
    const publication = this.publicationOf(track);
    const participant = publication && this.#publications.get(publication)?.participant;
    if (!participant) return;
    publication.muted = track.muted;
    this.#deps.room.emit(track.muted ? 'trackMuted' : 'trackUnmuted', publication, participant);
  }

  onAttributes(member: Member, changed: Record<string, string>): void {
    const participant = this.#whoIs(member);
    if (!participant) return;
    participant.attributes = { ...member.attributes };
    this.#deps.room.emit('participantAttributesChanged', changed, participant);
  }

  onSpeakers(members: readonly Member[]): void {
    const speakers = members.flatMap((member) => this.#whoIs(member) ?? []);
    this.#deps.room.emit('activeSpeakersChanged', speakers);
  }

  onData(payload: Uint8Array, from: Member, topic: string | undefined): void {
    const participant = this.participants.get(from.identity);
    this.#deps.room.emit('dataReceived', payload, participant, DataPacketKind.KIND_RELIABLE, topic);
  }

  onRemoved(reason: DisconnectReason): void {
    this.#deps.onRemoved(reason);
  }

  /** Ends all received tracks after the room was left. */
  close(): void {
    for (const { reception } of this.#publications.values()) reception?.close();
  }

  #add({ sid, identity, kind, attributes }: Member): LoopbackParticipant {
    const participant = new LoopbackParticipant(sid, identity, { kind, attributes });
    this.participants.set(identity, participant);
    return participant;
  }

  #whoIs({ identity }: Member): LoopbackParticipant<unknown> | undefined {
    const self = this.#deps.self();
    return identity === self.identity ? self : this.participants.get(identity);
  }

  #see(track: MemberTrack, participant: LoopbackParticipant, sid: string): LoopbackPublication {
    const publication = new LoopbackPublication(sid, track.media, track.source, (subscribed) =>
      queueMicrotask(() => this.#setSubscribed(publication, subscribed)),
    );
    publication.muted = track.muted;
    participant.trackPublications.set(sid, publication);
    this.#publications.set(publication, { track, participant, reception: undefined });
    return publication;
  }

  #subscribeTo(publication: LoopbackPublication): void {
    if (this.#deps.autoSubscribe) publication.setSubscribed(true);
  }

  #unsee(publication: LoopbackPublication): void {
    const seen = this.#publications.get(publication);
    if (!seen) return;
    this.#setSubscribed(publication, false);
    this.#publications.delete(publication);
    seen.participant.trackPublications.delete(publication.sid);
    this.#deps.room.emit('trackUnpublished', publication, seen.participant);
  }

  #setSubscribed(publication: LoopbackPublication, subscribed: boolean): void {
    const seen = this.#publications.get(publication);
    if (!seen || !this.#deps.isConnected() || publication.subscribed === subscribed) return;
    if (subscribed) this.#subscribe(publication, seen);
    else this.#unsubscribe(publication, seen);
  }

  #subscribe(publication: LoopbackPublication, seen: Seen): void {
    const { track, participant } = seen;
    seen.reception = track.feed?.receive();
    const media = seen.reception?.track ?? track.media;
    publication.subscribed = true;
    publication.track = media;
    track.onSubscribed();
    this.#deps.room.emit('trackSubscribed', media, publication, participant);
  }

  #unsubscribe(publication: LoopbackPublication, seen: Seen): void {
    const { participant, reception } = seen;
    const media = publication.track ?? seen.track.media;
    publication.subscribed = false;
    publication.track = undefined;
    this.#deps.room.emit('trackUnsubscribed', media, publication, participant);
    // After the event, so that its listeners get a track that is still open.
    reception?.close();
    seen.reception = undefined;
  }
}
