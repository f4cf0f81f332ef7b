import type { SourceId } from '../source.ts';
import type { Parent } from './parent.types.ts';

export interface TurnMotionInput {
  parent: Parent<TurnMotionReport>;
  /** Whose frames are kept. */
  sourceId: SourceId;
  /** Pictures that are kept of a turn, beside the one at its end; 0 keeps none. */
  maxPictures: number;
  /** Time between two pictures at the beginning of a turn, in ms. */
  firstIntervalMs: number;
  /** A turn that is not asked about for so long after the user fell silent is forgotten, in ms. */
  forgetAfterMs: number;
}

export interface TurnMotionContext extends TurnMotionInput {
  /** Frames whose pictures are kept, oldest first. */
  frameIds: number[];
  /** Doubles whenever there are too many: they stay spread over the turn, however long it is. */
  intervalMs: number;
}

export type TurnMotionEvent =
  | { type: 'user.speaking' }
  | { type: 'user.silent' }
  /** Another model: so many are wanted now, or none. */
  | { type: 'motion.limited'; maxPictures: number }
  /** The turn's request is part of the conversation. */
  | { type: 'turn.committed' }
  /** Another source, or none: what was kept is not shown any more. */
  | { type: 'pick.changed' };

/** What it tells: the pictures that are left, oldest first. */
export type TurnMotionReport = { type: 'motion.kept'; frameIds: number[] };
