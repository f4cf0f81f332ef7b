import { fromPromise } from 'xstate';
import type { NewestFrameSlot } from '../frames/newest-frame.ts';
import type { FrameRef } from '../machines/turn-completion.types.ts';

/**
 * Waits for the first frame that arrives from now on, of any of these slots. The machine that asks
 * limits the wait.
 */
export const freshFrame = (...slots: readonly NewestFrameSlot[]) =>
  fromPromise<FrameRef>(async ({ signal }) => {
    const found = new AbortController();
    const either = AbortSignal.any([signal, found.signal]);
    try {
      return await Promise.any(slots.map((slot) => slot.next(either)));
    } catch {
      throw new Error('no frame came');
    } finally {
      found.abort();
    }
  });
