/** What an agent does with tracks: it watches those of a user, or speaks with its own. */
export const TRACK_KINDS = ['subscribed', 'published'] as const;
export type TrackKind = (typeof TRACK_KINDS)[number];

/** What the RTC engine keeps of the tracks of one kind. */
export interface EngineCost {
  readonly tracks: number;
  /** 0 if there were too few tracks for a trend. */
  readonly mbPerTrack: number;
}
