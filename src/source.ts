/** What a track shows; `unknown` for a publication that names no source. */
export type SourceKind = 'camera' | 'screen' | 'unknown';

/** A source that a look can name. */
export type LookKind = 'camera' | 'screen';

/** A track that names no source counts as a camera. */
export const lookKindOf = (source: SourceKind): LookKind =>
  source === 'screen' ? 'screen' : 'camera';

/**
 * Which track to watch: the newest of the linked participant (`latest`), its newest camera or
 * screen share, one track by name, or the newest track, camera or screen share of a participant by
 * name, linked or not.
 */
export type SourceSelector =
  | 'latest'
  | 'camera'
  | 'screen'
  | { trackSid: string }
  | { identity: string; source?: LookKind };

/**
 * A source of a session, by participant and kind, such as `linked/camera`. The id of a source that
 * was opened only for looks begins with `look/`.
 */
export type SourceId = string;

/** The id of the source that a selector describes. */
export function sourceIdOf(selector: SourceSelector): SourceId {
  if (typeof selector === 'string') return `linked/${selector}`;
  return 'trackSid' in selector
    ? `track/${selector.trackSid}`
    : `${selector.identity}/${selector.source ?? 'latest'}`;
}

/** The id of a source that is opened for looks. */
export const lookSourceId = (selector: SourceSelector): SourceId =>
  typeof selector === 'object' && 'identity' in selector
    ? `look/of/${sourceIdOf(selector)}`
    : `look/${sourceIdOf(selector)}`;

/** Whether a source was opened for a look at a participant by name; `false` for another source. */
export const isLookAt = (sourceId: SourceId): boolean => sourceId.startsWith('look/of/');

/** Whether a look at a participant by name is a look at this one. */
export const isLookAtOne = (sourceId: SourceId, identity: string): boolean =>
  [undefined, 'camera' as const, 'screen' as const].some(
    (source) => sourceId === lookSourceId({ identity, ...(source && { source }) }),
  );

/**
 * `off`: no frames. `onDemand`: a frame when the user starts to speak, and for each `look()`.
 * `sampled`: frames at a rate.
 */
export type SamplingMode = 'off' | 'onDemand' | 'sampled';

/**
 * How the active agent's model gets pictures. `pipeline`: the newest frame with each user turn;
 * `realtime`: frames between turns; `none`: no pictures.
 */
export type ModelKind = 'pipeline' | 'realtime' | 'none';

/**
 * State of a source's stream. `none`: no track is watched. `paused`: the server sends no frames
 * until the next sample. `lost`: the track could not be opened within the allowed attempts.
 */
export type StreamStatus = 'none' | 'opening' | 'live' | 'paused' | 'stalled' | 'lost';

/** A remote video publication, as the room reports it. */
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
