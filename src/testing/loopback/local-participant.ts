import { setTimeout as wait } from 'node:timers/promises';
import type {
  LocalTrack,
  PerformRpcParams,
  RpcInvocationData,
  TrackPublishOptions,
} from '@livekit/rtc-node';
import type { Member, MemberTrack } from './member.ts';
import type { LoopbackNetwork } from './network.ts';
import { LoopbackLocalPublication, LoopbackParticipant } from './participant.ts';
import type { RpcCalls } from './rpc-calls.ts';
import { type StreamOptions, StreamSender } from './stream-sender.ts';
import { TrackFeed } from './track-feed.ts';

/** Notifications to the room about the tracks of its own participant. */
export interface LocalTrackEvents {
  onPublished(publication: LoopbackLocalPublication): void;
  onUnpublished(publication: LoopbackLocalPublication): void;
  onSubscribed(publication: LoopbackLocalPublication): void;
}

export interface LocalParticipantDeps {
  member: Member;
  network: LoopbackNetwork;
  calls: RpcCalls;
  events: LocalTrackEvents;
}

/** The room's own participant: behaves like rtc-node's `LocalParticipant`. */
export class LoopbackLocalParticipant extends LoopbackParticipant<LoopbackLocalPublication> {
  readonly #deps: LocalParticipantDeps;
  readonly #sender: StreamSender;
  readonly #tracks = new Map<string, MemberTrack>();

  constructor(deps: LocalParticipantDeps) {
    const { member, network } = deps;
    super(member.sid, member.identity, member);
    this.#deps = deps;
    this.#sender = new StreamSender(member, network);
  }

  async publishTrack(
    track: LocalTrack,
    { source }: Pick<TrackPublishOptions, 'source'>,
  ): Promise<LoopbackLocalPublication> {
    const { member, network, events } = this.#deps;
    await network.answered(member);
    const sid = network.nextSid('TR');
    let onSubscribed = () => {};
    const subscribed = new Promise<void>((resolve) => {
      onSubscribed = resolve;
    });
    const publication = new LoopbackLocalPublication(sid, track, source ?? 0, subscribed);
    // As in rtc-node.
    if (track.info) track.info.sid = sid;
    this.trackPublications.set(sid, publication);
    events.onPublished(publication);
    let isFirst = true;
    const published = network.publish(member, {
      sid,
      media: track,
      source: publication.source,
      feed: new TrackFeed(sid, track),
      onSubscribed: () => {
        if (isFirst) events.onSubscribed(publication);
        isFirst = false;
        onSubscribed();
      },
    });
    this.#tracks.set(sid, published);
    return publication;
  }

  async unpublishTrack(sid: string): Promise<void> {
    const { member, network, events } = this.#deps;
    await network.answered(member);
    const published = this.#tracks.get(sid);
    const publication = this.trackPublications.get(sid);
    if (!published || !publication) throw new Error(`no track ${sid} is published`);
    this.#tracks.delete(sid);
    this.trackPublications.delete(sid);
    network.unpublish(published);
    events.onUnpublished(publication);
    publication.track = undefined;
  }

  async setAttributes(changed: Record<string, string>): Promise<void> {
    const { member, network } = this.#deps;
    await network.answered(member);
    network.setAttributes(member, changed);
  }

  readonly streamBytes = (options?: StreamOptions) => this.#sender.streamBytes(options);
  readonly streamText = (options?: StreamOptions) => this.#sender.streamText(options);
  readonly sendText = (text: string, options?: StreamOptions) =>
    this.#sender.sendText(text, options);
  readonly sendFile = (path: string | Buffer | URL, options?: StreamOptions) =>
    this.#sender.sendFile(path, options);

  registerRpcMethod(method: string, handler: (data: RpcInvocationData) => Promise<string>): void {
    this.#deps.calls.register(method, handler);
  }

  unregisterRpcMethod(method: string): void {
    this.#deps.calls.unregister(method);
  }

  performRpc(call: PerformRpcParams): Promise<string> {
    return this.#deps.calls.perform(call);
  }

  async publishData(
    data: Uint8Array,
    { destination_identities: to, topic }: { destination_identities?: string[]; topic?: string },
  ): Promise<void> {
    const { member, network } = this.#deps;
    const payload = data.slice();
    network.sendAll(member, to, ({ observer }) => observer.onData(payload, member, topic));
  }

  /** Does nothing: rtc-node's readers get the text stream that accompanies a transcription. */
  async publishTranscription(): Promise<void> {
    await wait(0);
  }
}
