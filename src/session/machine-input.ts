import type { AvatarInput } from '../machines/avatar.types.ts';
import type { FollowedSource, SessionInput } from '../machines/session.types.ts';
import { sourceIdOf } from '../source.ts';
import type { ResolvedOptions } from './options.ts';

/** How long an avatar's provider may take to stop, in ms. */
export const STOP_TIMEOUT_MS = 5000;

/** The sources that the options name, by id. */
export const followedSources = ({ input }: ResolvedOptions): FollowedSource[] =>
  input.sources.map((selector) => ({ id: sourceIdOf(selector), selector }));

/** The session machine's input: the user's options, and the limits that nobody has to choose. */
export function machineInput(options: ResolvedOptions): SessionInput {
  const { input, turn, avatar, face, limits } = options;
  return {
    ...limits,
    mode: input.mode,
    follow: followedSources(options),
    source: {
      discovery: { subscribeGraceMs: 300, subscribeTimeoutMs: 5000 },
      replacement: {
        openTimeoutMs: 5000,
        closeTimeoutMs: 2000,
        retryBaseMs: 250,
        retryMaxMs: 4000,
        maxAttempts: 6,
        stallAfterMs: input.stallAfterMs,
      },
      pause: {
        policy: input.idleSubscription,
        minIntervalMs: 2000,
        // The first good frame came 50 to 150 ms after the switch-on, on loopback.
        leadMs: { longest: 500, shortest: 150 },
        wakeTimeoutMs: 2000,
      },
      motion: { maxPictures: turn.frames - 1, firstIntervalMs: 500, forgetAfterMs: 10_000 },
      sampling: {
        intervals: {
          speakingMs: finite(input.sampler.intervals?.speaking),
          silentMs: finite(input.sampler.intervals?.silent),
        },
      },
      look: { lookTimeoutMs: input.lookTimeoutMs },
    },
    avatar: avatar ? avatarInput(face) : null,
    link: { blindAfterMs: 10_000, reviveTimeoutMs: 5000, maxRevivals: 3 },
    turn: {
      maxFrameAgeMs: turn.maxFrameAgeMs,
      attachBudgetMs: turn.attachBudgetMs,
      // Longer than any answer that waits for its turn to speak.
      commitTimeoutMs: 60_000,
    },
  };
}

/** The avatar machine's input. */
export const avatarInput = (face: ResolvedOptions['face']): Omit<AvatarInput, 'parent'> => ({
  startTimeoutMs: face.startTimeoutMs,
  joinTimeoutMs: face.joinTimeoutMs,
  stopTimeoutMs: STOP_TIMEOUT_MS,
  retryBaseMs: face.retryBaseMs,
  retryMaxMs: 30_000,
  maxAttempts: face.maxAttempts,
  // Longer than it takes an avatar that fails at once.
  provenMs: 10_000,
  graceMs: face.graceMs,
});

/** A machine's context is plain JSON, which has no infinity. */
const finite = (ms: number | undefined): number | null =>
  ms !== undefined && Number.isFinite(ms) ? ms : null;
