import { fromPromise } from 'xstate';
import type { Face } from '../avatar/face.ts';

/** Has the provider send its avatar. The machine that asks limits the wait. */
export const startAvatar = (face: Face) => fromPromise<void>(() => face.start());

/** Ends what the provider was asked for. */
export const stopAvatar = (face: Face) => fromPromise<void>(() => face.stop());
