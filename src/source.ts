/** What a track shows. `unknown` is a publication that names no source. */
export type SourceKind = 'camera' | 'screen' | 'unknown';

/** A source that a look may name. */
export type LookKind = 'camera' | 'screen';

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

/**
 * Names a source of a session, by participant and what it shows: `linked/camera`; one that is opened
 * for looks alone is `look/screen`.
 */
export type SourceId = string;

/** The id of the source that a selector asks for. */
export function sourceIdOf(selector: SourceSelector): SourceId {
  if (typeof selector === 'string') return `linked/${selector}`;
  return 'trackSid' in selector ? `track/${selector.trackSid}` : `${selector.identity}/latest`;
}

/** `off`: sees nothing. `onDemand`: at speech and on `look()`. `sampled`: at a rate. */
export type SamplingMode = 'off' | 'onDemand' | 'sampled';

/**
 * How the active agent's model gets pictures. `pipeline`: the newest frame goes with each user turn;
 * `realtime`: frames stream in; `none`: it takes none.
 */
export type ModelKind = 'pipeline' | 'realtime' | 'none';

/**
 * What comes from a source: `none`, nothing is watched; `paused`, the server sends nothing until
 * the next sample; `lost`, the track could not be opened as often as the limit allows.
 */
export type StreamStatus = 'none' | 'opening' | 'live' | 'paused' | 'stalled' | 'lost';

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

/** The track that is watched. */
export interface TrackPick {
  sid: string;
  identity: string;
  source: SourceKind;
}
