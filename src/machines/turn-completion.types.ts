import type { FrameRef } from '../frame.ts';
import type { Parent } from './parent.types.ts';

/** Why a turn has a picture, or has none. */
export type TurnOutcome =
  | 'attached'
  | 'nothing-to-attach'
  | 'too-old'
  | 'encode-failed'
  | 'over-budget';

export interface TurnCompletionInput {
  parent: Parent<TurnCompletionReport>;
  /** Number of the model request; a turn has two when the framework throws one away. */
  requestId: number;
  /** When the model was asked, in ms since the epoch. */
  requestedAt: number;
  /** The newest frame at that time. */
  frame: FrameRef | null;
  /** Whether a stream is open whose first frame may come any moment. */
  frameExpected: boolean;
  maxFrameAgeMs: number;
  attachBudgetMs: number;
  /** How long a request may wait to become part of the conversation, in ms. */
  commitTimeoutMs: number;
}

export interface TurnCompletionContext extends TurnCompletionInput {
  error: string | null;
}

export type TurnCompletionEvent = { type: 'turn.committed'; requestId: number };

/** What the picture of a turn shows was taken away before it was handed over. */
export interface TurnWithdrawn {
  type: 'turn.withdrawn';
  requestId: number;
  frameId: number;
}

/** What a turn tells its parent. `turn.ready` comes exactly once, within the budget. */
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
