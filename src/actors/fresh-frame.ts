import { fromPromise } from 'xstate';
import type { NewestFrameSlot } from '../frames/newest-frame.ts';
import type { FrameRef } from '../machines/turn-completion.types.ts';

/** Waits for the first frame that arrives from now on. The machine that asks limits the wait. */
export const freshFrame = (slot: NewestFrameSlot) =>
  fromPromise<FrameRef>(({ signal }) => slot.next(signal));
