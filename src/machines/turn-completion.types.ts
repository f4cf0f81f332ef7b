import type { FrameRef } from '../frame.ts';
import type { Parent } from './parent.types.ts';

/** Why a turn has a picture, or has none. */
export type TurnOutcome =
  | 'attached'
  | 'nothing-to-attach'
  | 'too-old'
  | 'encode-failed'
  | 'not-described'
  | 'over-budget';

export interface TurnCompletionInput {
  parent: Parent<TurnCompletionReport>;
  /** Number of the model request. A turn has two if the framework discards the first one. */
  requestId: number;
  /** When the model was called, in ms since the epoch. */
  requestedAt: number;
  /** The newest frame at that time. */
  frame: FrameRef | null;
  /** Whether the first frame of a newly opened stream may arrive at any moment. */
  frameExpected: boolean;
  /** The model takes text only: it gets words about the picture, from another model. */
  needsWords: boolean;
  maxFrameAgeMs: number;
  attachBudgetMs: number;
  /** How long a request may take to become part of the conversation, in ms. */
  commitTimeoutMs: number;
}

export interface TurnCompletionContext extends TurnCompletionInput {
  error: string | null;
}

export type TurnCompletionEvent = { type: 'turn.committed'; requestId: number };

/** The video of a turn's picture was switched off before the picture was sent. */
export interface TurnWithdrawn {
  type: 'turn.withdrawn';
  requestId: number;
  frameId: number;
}

/**
 * What a turn reports to its parent. `turn.ready` comes exactly once, within the budget, or after the
 * time that another model takes to describe the picture.
 */
export type TurnCompletionReport =
  | {
      type: 'turn.ready';
      requestId: number;
      outcome: TurnOutcome;
      frame: FrameRef | null;
      error: string | null;
    }
  | { type: 'turn.cleared'; requestId: number; frameId: number }
  | { type: 'turn.discarded'; requestId: number; frameId: number };
