import { setTimeout as wait } from 'node:timers/promises';
import { fromPromise } from 'xstate';
import type { FrameRef } from '../frame.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { SourceId } from '../source.ts';

/**
 * Waits for the first frame of a source that arrives after the call. The machine limits the wait.
 */
export const freshFrame = (gate: FrameGate) =>
  fromPromise<FrameRef, { sourceId: SourceId }>(({ input: { sourceId }, signal }) =>
    gate.next([sourceId], signal),
  );

/** A screen that changes sends its next frame sooner than this, in ms. */
const STILL_AFTER_MS = 300;

/**
 * Like {@link freshFrame}, for a look. A screen sends frames only when something changes, so if
 * none arrives for a while, its newest frame is current.
 *
 * @param onStill - Called if that frame is used; a realtime model may have it already.
 */
export const freshOrStillFrame = (gate: FrameGate, onStill: (sourceId: SourceId) => void) =>
  fromPromise<FrameRef, { sourceId: SourceId }>(({ input: { sourceId }, signal }) => {
    const over = new AbortController();
    const limit = AbortSignal.any([signal, over.signal]);
    const still = wait(STILL_AFTER_MS, undefined, { signal: limit }).then(() => {
      const newest = gate.newest(sourceId);
      if (newest?.source !== 'screen') throw new Error('it is not a still screen');
      onStill(sourceId);
      return newest;
    });
    return Promise.any([gate.next([sourceId], limit), still]).finally(() => over.abort());
  });

/** The first frame of any of these sources that arrives after the call. */
export const firstFrame = (gate: FrameGate, sourceIds: readonly SourceId[]) =>
  fromPromise<FrameRef>(({ signal }) => gate.next(sourceIds, signal));
