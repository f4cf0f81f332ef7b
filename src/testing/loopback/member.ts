import type {
  ByteStreamInfo,
  DisconnectReason,
  LocalTrack,
  ParticipantKind,
  TextStreamInfo,
  TrackSource,
} from '@livekit/rtc-node';
import type { TrackFeed } from './track-feed.ts';

/** A participant of the network. */
export interface Member {
  readonly sid: string;
  readonly identity: string;
  readonly kind: ParticipantKind;
  attributes: Record<string, string>;
  readonly tracks: Set<MemberTrack>;
  /** Whether its process is alive. A dead one neither sends nor receives anything. */
  isAlive: boolean;
  /** `undefined` for a participant without a room object, which a test controls by hand. */
  endpoint: Endpoint | undefined;
}

/** A published track. */
export interface MemberTrack {
  readonly sid: string;
  readonly owner: Member;
  readonly media: LocalTrack;
  readonly source: TrackSource;
  muted: boolean;
  /** Delivers the track to its subscribers. Without it, they get the track itself. */
  readonly feed: TrackFeed | undefined;
  /** A participant has subscribed to it. */
  onSubscribed(): void;
}

/** The parts of a room object that receive from the network. */
export interface Endpoint {
  readonly observer: Observer;
  readonly streams: StreamPackets;
  readonly calls: CallPackets;
}

/** Gets the news about the other participants. */
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
  /** @param identity - The participant that the stream is attributed to. */
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
