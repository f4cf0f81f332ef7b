import { setTimeout as wait } from 'node:timers/promises';
import { fromPromise } from 'xstate';
import type { FrameRef } from '../frame.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { SourceId } from '../source.ts';

/** Waits for the first frame of a source that arrives from now on. The machine limits the wait. */
export const freshFrame = (gate: FrameGate) =>
  fromPromise<FrameRef, { sourceId: SourceId }>(({ input: { sourceId }, signal }) =>
    gate.next([sourceId], signal),
  );

/** A screen that changes sends its next frame sooner, in ms. */
const STILL_AFTER_MS = 300;

/**
 * As {@link freshFrame}, for a look. A screen sends frames when something changes: if none comes for
 * a while, its newest frame shows what the screen shows now.
 *
 * @param onStill - It was that frame, which a realtime model may have already.
 */
export const freshOrStillFrame = (gate: FrameGate, onStill: (sourceId: SourceId) => void) =>
  fromPromise<FrameRef, { sourceId: SourceId }>(({ input: { sourceId }, signal }) => {
    const over = new AbortController();
    const still = wait(STILL_AFTER_MS, undefined, { signal: over.signal }).then(() => {
      const newest = gate.newest(sourceId);
      if (newest?.source !== 'screen') throw new Error('it is no still screen');
      onStill(sourceId);
      return newest;
    });
    const limit = AbortSignal.any([signal, over.signal]);
    return Promise.any([gate.next([sourceId], limit), still]).finally(() => over.abort());
  });

/** The first frame that arrives from now on, of any of these sources. */
export const firstFrame = (gate: FrameGate, sourceIds: readonly SourceId[]) =>
  fromPromise<FrameRef>(({ signal }) => gate.next(sourceIds, signal));
