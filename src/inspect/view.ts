import type { WireEvent, WirePicture } from './wire.ts';

/** An entry of the page's list of sessions. */
export interface SessionSummary {
  id: string;
  name: string;
  kind: 'live' | 'recording';
  connected: boolean;
  /** In ms since the epoch. */
  startedAt: number;
  /** Number of events, including dropped ones. */
  events: number;
  /** Events that are no longer kept. */
  gone: number;
  /** Events that the agent could not send. */
  dropped: number;
  /** Invalid messages. */
  refused: number;
}

/**
 * Messages from the server to a page. The page sends the session that it shows: `{ watch: id }`.
 */
export type ViewMessage =
  | { type: 'hello'; charts: string[]; pixels: boolean; maxEvents: number; maxBytes: number }
  | { type: 'sessions'; sessions: SessionSummary[] }
  /** Start again, with the actors before the first kept event. */
  | { type: 'reset'; session: string; base: WireEvent[]; nextSeq: number }
  | { type: 'events'; session: string; events: [seq: number, event: WireEvent][] }
  | { type: 'picture'; session: string; picture: WirePicture };
