import type { SourceKind, SourceSelector, TrackInfo, TrackPick } from '../source.ts';
import type { Parent } from './parent.types.ts';

/**
 * A track that may be watched. `subscription`: `none` (not yet, or we unsubscribed it), `asked` (we
 * requested it), `subscribed`, `lost` (unsubscribed by the room, or never granted; not eligible
 * until it is subscribed again).
 */
export interface Candidate {
  sid: string;
  identity: string;
  source: SourceKind;
  muted: boolean;
  subscription: 'none' | 'asked' | 'subscribed' | 'lost';
  /** Whether we requested the subscription: only those tracks are unsubscribed later. */
  ours: boolean;
  /** Publishing order; the highest eligible track is watched. */
  order: number;
}

export interface TrackDiscoveryInput {
  parent: Parent<TrackDiscoveryReport>;
  selector: SourceSelector;
  /** How long a room with `autoSubscribe` may take before we request the subscription, in ms. */
  subscribeGraceMs: number;
  /** How long a requested subscription may take, in ms. */
  subscribeTimeoutMs: number;
}

export interface TrackDiscoveryContext extends TrackDiscoveryInput {
  pinned: SourceSelector | null;
  linkedIdentity: string | null;
  candidates: Candidate[];
  pick: TrackPick | null;
  /** Sid of the last subscription that was requested. */
  askedSid: string | null;
  nextOrder: number;
}

export type TrackDiscoveryEvent =
  | { type: 'room.synced'; tracks: TrackInfo[] }
  | { type: 'room.reconnecting' }
  | { type: 'room.disconnected' }
  | { type: 'participant.linked'; identity: string | null }
  | { type: 'participant.left'; identity: string }
  | { type: 'participant.represents'; identity: string; onBehalfOf: string }
  | { type: 'track.published'; track: TrackInfo }
  | { type: 'track.unpublished'; sid: string }
  | { type: 'track.subscribed'; sid: string }
  | { type: 'track.unsubscribed'; sid: string }
  | { type: 'track.subscriptionFailed'; sid: string }
  | { type: 'track.muted'; sid: string }
  | { type: 'track.unmuted'; sid: string }
  | { type: 'source.pinned'; selector: SourceSelector | null };

/** What the machine reports to its parent. */
export type TrackDiscoveryReport =
  | { type: 'pick.changed'; pick: TrackPick | null; previous: TrackPick | null; reason: string }
  | { type: 'subscription.wanted'; sid: string }
  | { type: 'subscription.released'; sid: string };
