import { fromPromise } from 'xstate';
import type { Speaker } from '../avatar/speaker.ts';

/** Has the provider send its avatar. The machine that asks limits the wait. */
export const startAvatar = (speaker: Speaker) => fromPromise<void>(() => speaker.start());

/** Ends what the provider was asked for. */
export const stopAvatar = (speaker: Speaker) => fromPromise<void>(() => speaker.stop());

/** Done when the avatar has said what it is saying. */
export const speechEnd = (speaker: Speaker) => fromPromise<void>(() => speaker.speechEnd());
