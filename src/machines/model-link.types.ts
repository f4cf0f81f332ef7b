import type { Parent } from './parent.types.ts';

export interface ModelLinkInput {
  parent: Parent<ModelLinkReport>;
  /** How long a connection may be missing until the model counts as blind, in ms. */
  blindAfterMs: number;
  /** How long a revived connection may take, in ms. */
  reviveTimeoutMs: number;
  /** Revivals in a row. */
  maxRevivals: number;
}

export interface ModelLinkContext extends ModelLinkInput {
  /** Revivals since the last connection. */
  revivals: number;
  connections: number;
  /** Times that the model was blind. */
  blindness: number;
}

export type ModelLinkEvent =
  /** The model's session is connected, or connected anew. */
  | { type: 'model.connected' }
  | { type: 'model.disconnected' }
  /** The server closed the connection, and the plugin does not know. */
  | { type: 'model.closedSilently' };

/** What it tells its parent. */
export type ModelLinkReport =
  /** Pictures can go: the newest one goes first. */
  { type: 'model.sighted' } | { type: 'model.waiting' } | { type: 'model.blind'; reason: string };
