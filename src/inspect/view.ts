import type { WireEvent, WirePicture } from './wire.ts';

/** What the page's list of sessions shows. */
export interface SessionSummary {
  id: string;
  name: string;
  kind: 'live' | 'recording';
  connected: boolean;
  /** In ms since the epoch. */
  startedAt: number;
  /** Events so far, those that are gone included. */
  events: number;
  /** Events that are not kept any more. */
  gone: number;
  /** Events that the agent did not send, because it could not. */
  dropped: number;
  /** Messages that were none. */
  refused: number;
}

/** What the server says to a page; the page says which session it watches: `{ watch: id }`. */
export type ViewMessage =
  | { type: 'hello'; charts: string[]; pixels: boolean; maxEvents: number; maxBytes: number }
  | { type: 'sessions'; sessions: SessionSummary[] }
  /** Begin anew: the actors that lived before the first event that is kept. */
  | { type: 'reset'; session: string; base: WireEvent[]; nextSeq: number }
  | { type: 'events'; session: string; events: [seq: number, event: WireEvent][] }
  | { type: 'picture'; session: string; picture: WirePicture };
