import type { SourceId } from '../source.ts';
import type { Parent } from './parent.types.ts';

export interface TurnMotionInput {
  parent: Parent<TurnMotionReport>;
  /** The source whose frames are kept. */
  sourceId: SourceId;
  /** Pictures kept of a turn in addition to the one at its end; 0 keeps none. */
  maxPictures: number;
  /** Time between two pictures at the beginning of a turn, in ms. */
  firstIntervalMs: number;
  /**
   * How long after the user fell silent the pictures are kept if no model request follows, in ms.
   */
  forgetAfterMs: number;
}

export interface TurnMotionContext extends TurnMotionInput {
  /** Frames whose pictures are kept, oldest first. */
  frameIds: number[];
  /**
   * Current interval in ms. It doubles whenever there are too many pictures, so that they stay
   * spread over the turn.
   */
  intervalMs: number;
}

export type TurnMotionEvent =
  | { type: 'user.speaking' }
  | { type: 'user.silent' }
  /** The model changed, and with it the number of pictures wanted. */
  | { type: 'motion.limited'; maxPictures: number }
  /** The turn's request is part of the conversation. */
  | { type: 'turn.committed' }
  /** The source shows another track, or none: the kept pictures are dropped. */
  | { type: 'pick.changed' };

/** The frames whose pictures are kept, oldest first. */
export type TurnMotionReport = { type: 'motion.kept'; frameIds: number[] };
