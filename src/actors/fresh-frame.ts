import { fromPromise } from 'xstate';
import type { FrameRef } from '../frame.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { SourceId } from '../source.ts';

/** Waits for the first frame of a source that arrives from now on. The machine limits the wait. */
export const freshFrame = (gate: FrameGate) =>
  fromPromise<FrameRef, { sourceId: SourceId }>(({ input: { sourceId }, signal }) =>
    gate.next([sourceId], signal),
  );

/** The same, of any of these sources. */
export const firstFrame = (gate: FrameGate, sourceIds: readonly SourceId[]) =>
  fromPromise<FrameRef>(({ signal }) => gate.next(sourceIds, signal));
