import { fromPromise } from 'xstate';
import type { Speaker } from '../avatar/speaker.ts';

/** Starts the provider's avatar. The machine limits the wait. */
export const startAvatar = (speaker: Speaker) => fromPromise<void>(() => speaker.start());

/** Ends the provider's session. */
export const stopAvatar = (speaker: Speaker) => fromPromise<void>(() => speaker.stop());

/** Resolves when the avatar has finished its current speech segment. */
export const speechEnd = (speaker: Speaker) => fromPromise<void>(() => speaker.speechEnd());
