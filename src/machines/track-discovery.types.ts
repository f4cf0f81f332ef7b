/** What a track shows. `unknown` is a publication that names no source. */
export type SourceKind = 'camera' | 'screen' | 'unknown';

/**
 * Which track to watch: the newest of the linked participant (`latest`), its newest camera or
 * screen share, or one track or participant by name, linked or not.
 */
export type SourceSelector =
  | 'latest'
  | 'camera'
  | 'screen'
  | { trackSid: string }
  | { identity: string };

/** A remote video publication as the room shows it. */
export interface TrackInfo {
  sid: string;
  identity: string;
  source: SourceKind;
  muted: boolean;
  subscribed: boolean;
  /** Identity that this participant speaks for (`lk.publish_on_behalf`): an avatar. */
  onBehalfOf: string | null;
}

/**
 * A track that may be watched. `subscription`: `none` (not yet, or given back by us), `asked` (by
 * us), `subscribed`, `lost` (taken away, or never came: not eligible until it is subscribed again).
 */
export interface Candidate {
  sid: string;
  identity: string;
  source: SourceKind;
  muted: boolean;
  subscription: 'none' | 'asked' | 'subscribed' | 'lost';
  /** Whether the subscription is there because we asked: only those are given back. */
  ours: boolean;
  /** Publishing order; the highest eligible one is watched. */
  order: number;
}

/** The track that is watched, as other machines see it. */
export interface TrackPick {
  sid: string;
  identity: string;
  source: SourceKind;
}

export interface TrackDiscoveryInput {
  selector: SourceSelector;
  /** How long a room with `autoSubscribe` may take until we ask for the subscription, in ms. */
  subscribeGraceMs: number;
  /** How long a subscription that we asked for may take, in ms. */
  subscribeTimeoutMs: number;
}

export interface TrackDiscoveryContext extends TrackDiscoveryInput {
  pinned: SourceSelector | null;
  linkedIdentity: string | null;
  candidates: Candidate[];
  pick: TrackPick | null;
  /** Sid of the subscription that was asked for last. */
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

/** What discovery tells its parent. */
export type TrackDiscoveryReport =
  | { type: 'pick.changed'; pick: TrackPick | null; previous: TrackPick | null; reason: string }
  | { type: 'subscription.wanted'; sid: string }
  | { type: 'subscription.released'; sid: string };
