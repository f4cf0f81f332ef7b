import { setTimeout as wait } from 'node:timers/promises';
import { isTrackMuted, onTrackMuted } from '../camera/track-mute.ts';
import { LATENCY } from './latency.ts';
import type { Endpoint, Member, MemberTrack, Observer } from './member.ts';
import { PacketsUnderWay } from './packets-under-way.ts';

/** The members of a loopback room, and the transport between them. */
export class LoopbackNetwork {
  readonly members = new Map<string, Member>();
  readonly #forget = new Map<MemberTrack, () => void>();
  readonly #packets = new PacketsUnderWay();
  #numbers = 0;

  /** A name that this room has not used yet, such as `TR_loopback_3`. */
  nextSid(kind: 'PA' | 'TR'): string {
    this.#numbers += 1;
    return `${kind}_loopback_${this.#numbers}`;
  }

  add(member: Member): void {
    this.members.set(member.identity, member);
  }

  /** Notifies the others of the member and its tracks. */
  announce(member: Member): void {
    this.#tell(member, (observer) => observer.onJoined(member));
  }

  /** Unpublishes the member's tracks first. */
  remove(member: Member): void {
    if (this.members.get(member.identity) !== member) return;
    for (const track of [...member.tracks]) this.unpublish(track);
    this.members.delete(member.identity);
    this.#tell(member, (observer) => observer.onLeft(member));
  }

  publish(
    owner: Member,
    track: Pick<MemberTrack, 'sid' | 'media' | 'source' | 'feed' | 'onSubscribed'>,
  ): MemberTrack {
    const published: MemberTrack = { ...track, owner, muted: isTrackMuted(track.media) };
    owner.tracks.add(published);
    this.#forget.set(
      published,
      onTrackMuted(track.media, (muted) => this.setMuted(published, muted)),
    );
    this.#tell(owner, (observer) => observer.onPublished(published));
    return published;
  }

  unpublish(track: MemberTrack): void {
    if (!track.owner.tracks.delete(track)) return;
    this.#forget.get(track)?.();
    this.#forget.delete(track);
    this.#tell(track.owner, (observer) => observer.onUnpublished(track));
    void track.feed?.close();
  }

  setMuted(track: MemberTrack, muted: boolean): void {
    if (!track.owner.tracks.has(track) || track.muted === muted) return;
    track.muted = muted;
    this.#tell(track.owner, (observer) => observer.onMuted(track));
  }

  /** An empty value removes an attribute, as on a server. */
  setAttributes(member: Member, changed: Readonly<Record<string, string>>): void {
    const merged = Object.entries({ ...member.attributes, ...changed });
    member.attributes = Object.fromEntries(merged.filter(([, value]) => value !== ''));
    for (const { endpoint } of this.members.values())
      endpoint?.observer.onAttributes(member, { ...changed });
  }

  setSpeakers(members: readonly Member[]): void {
    for (const { endpoint } of this.members.values()) endpoint?.observer.onSpeakers(members);
  }

  /** The member's process dies. The server notices that after this time, in ms, and removes it. */
  kill(member: Member, noticedAfterMs: number): void {
    member.isAlive = false;
    for (const { feed } of member.tracks) feed?.cut();
    setTimeout(() => this.remove(member), noticedAfterMs).unref();
  }

  /**
   * Sends a packet. It is lost if the receiver is not in the room, or if one of the two is dead.
   * Packets arrive in the order of their times, also on a busy machine.
   */
  send(
    from: Member,
    to: string,
    arrive: (endpoint: Endpoint) => void,
    latencyMs: number = LATENCY.dataMs,
  ): void {
    if (!from.isAlive || to === from.identity) return;
    this.#packets.send(() => {
      const receiver = this.members.get(to);
      if (receiver?.endpoint && receiver.isAlive) arrive(receiver.endpoint);
    }, latencyMs);
  }

  /** Sends a packet to these members, or to all others. */
  sendAll(
    from: Member,
    to: readonly string[] | undefined,
    arrive: (endpoint: Endpoint) => void,
    latencyMs?: number,
  ): void {
    const receivers = to && to.length > 0 ? to : [...this.members.keys()];
    for (const identity of receivers) this.send(from, identity, arrive, latencyMs);
  }

  /** Resolves when the server has answered. @throws Error if the member has left or died. */
  async answered(member: Member): Promise<void> {
    await wait(LATENCY.signalMs);
    if (!member.isAlive || this.members.get(member.identity) !== member)
      throw new Error('the room is disconnected');
  }

  #tell(about: Member, tell: (observer: Observer) => void): void {
    if (this.members.has(about.identity) && this.members.get(about.identity) !== about) return;
    for (const member of [...this.members.values()])
      if (member !== about && member.endpoint && member.isAlive) tell(member.endpoint.observer);
  }
}
