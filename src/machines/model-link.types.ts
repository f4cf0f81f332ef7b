import type { Parent } from './parent.types.ts';

export interface ModelLinkInput {
  parent: Parent<ModelLinkReport>;
  /** How long the connection may be missing before the model is reported as blind, in ms. */
  blindAfterMs: number;
  /** How long a revival may take, in ms. */
  reviveTimeoutMs: number;
  /** Revivals in a row before the machine gives up. */
  maxRevivals: number;
}

export interface ModelLinkContext extends ModelLinkInput {
  /** Revivals since the last connection. */
  revivals: number;
  connections: number;
  /** How often the model was blind. */
  blindness: number;
}

export type ModelLinkEvent =
  /** The model's session connected, or reconnected. */
  | { type: 'model.connected' }
  | { type: 'model.disconnected' }
  /** The server closed the connection, and the plugin did not notice. */
  | { type: 'model.closedSilently' };

/** What the machine reports to its parent. */
export type ModelLinkReport =
  /** Pictures can be sent, beginning with the newest one. */
  { type: 'model.sighted' } | { type: 'model.waiting' } | { type: 'model.blind'; reason: string };
