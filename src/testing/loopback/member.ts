import type {
  ByteStreamInfo,
  DisconnectReason,
  LocalTrack,
  ParticipantKind,
  TextStreamInfo,
  TrackSource,
} from '@livekit/rtc-node';
import type { TrackFeed } from './track-feed.ts';

/** A participant, as the network knows it. */
export interface Member {
  readonly sid: string;
  readonly identity: string;
  readonly kind: ParticipantKind;
  attributes: Record<string, string>;
  readonly tracks: Set<MemberTrack>;
  /** Whether its process lives: of a dead one nothing comes, and nothing reaches it. */
  isAlive: boolean;
  /** `undefined` for a participant that has no room object: a test moves it by hand. */
  endpoint: Endpoint | undefined;
}

/** A published track. */
export interface MemberTrack {
  readonly sid: string;
  readonly owner: Member;
  readonly media: LocalTrack;
  readonly source: TrackSource;
  muted: boolean;
  /** Where subscribers get it from; without it they get the track itself. */
  readonly feed: TrackFeed | undefined;
  /** A participant has subscribed to it. */
  onSubscribed(): void;
}

/** What a participant with a room object takes from the network. */
export interface Endpoint {
  readonly observer: Observer;
  readonly streams: StreamPackets;
  readonly calls: CallPackets;
}

/** What it hears of the others. */
export interface Observer {
  onJoined(member: Member): void;
  onLeft(member: Member): void;
  onPublished(track: MemberTrack): void;
  onUnpublished(track: MemberTrack): void;
  onMuted(track: MemberTrack): void;
  onAttributes(member: Member, changed: Record<string, string>): void;
  onSpeakers(members: readonly Member[]): void;
  onData(payload: Uint8Array, from: Member, topic: string | undefined): void;
  /** The server removed it from the room. */
  onRemoved(reason: DisconnectReason): void;
}

export type StreamKind = 'bytes' | 'text';

/** The packets of data streams. */
export interface StreamPackets {
  /** @param identity - Whose stream it is said to be. */
  onHeader(kind: StreamKind, info: ByteStreamInfo | TextStreamInfo, identity: string): void;
  onChunk(streamId: string, content: Uint8Array): void;
  onTrailer(streamId: string): void;
}

export interface CallRequest {
  readonly requestId: string;
  readonly method: string;
  readonly payload: string;
  readonly responseTimeout: number;
}

/** How a call ended. */
export type CallResult = { readonly payload: string } | { readonly error: Error };

/** The packets of RPC. */
export interface CallPackets {
  onRequest(request: CallRequest, from: Member): void;
  onAck(requestId: string): void;
  onResult(requestId: string, result: CallResult): void;
}
