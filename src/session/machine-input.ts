import { SESSION_LIMITS } from '../limits.ts';
import type { AvatarInput } from '../machines/avatar.types.ts';
import type { FollowedSource, SessionInput } from '../machines/session.types.ts';
import { sourceIdOf } from '../source.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** The sources that the options name, by id. */
export const followedSources = ({ input }: ResolvedOptions): FollowedSource[] =>
  input.sources.map((selector) => ({ id: sourceIdOf(selector), selector }));

/** A stream that rests must not look stalled. */
function restWithin(stallAfterMs: number) {
  const { rest } = SESSION_LIMITS.pause;
  return { ...rest, longestMs: Math.min(rest.longestMs, stallAfterMs / 2) };
}

/** The session machine's input: the user's options and the fixed limits. */
export function machineInput(options: ResolvedOptions): SessionInput {
  const { input, turn, avatar, avatarLimits, limits } = options;
  const { connectTimeoutMs, startTimeoutMs, closeTimeoutMs } = limits;
  const { discovery, replacement, pause, motion, link } = SESSION_LIMITS;
  return {
    startup: { connectTimeoutMs, startTimeoutMs },
    closeTimeoutMs,
    mode: input.mode,
    follow: followedSources(options),
    source: {
      discovery,
      replacement: { ...replacement, stallAfterMs: input.stallAfterMs },
      pause: { isWanted: input.pauseWhenIdle, ...pause, rest: restWithin(input.stallAfterMs) },
      motion: { maxPictures: turn.pictures - 1, ...motion },
      sampling: {
        intervals: {
          speakingMs: finite(input.sampler.intervals?.speaking),
          silentMs: finite(input.sampler.intervals?.silent),
        },
      },
      look: { lookTimeoutMs: input.lookTimeoutMs },
    },
    avatar: avatar === undefined ? null : avatarInput(avatarLimits, avatar !== null),
    link,
    turn: {
      maxFrameAgeMs: turn.maxFrameAgeMs,
      attachBudgetMs: turn.attachBudgetMs,
      ...SESSION_LIMITS.turn,
    },
  };
}

/** The avatar machine's input. */
export const avatarInput = (
  limits: ResolvedOptions['avatarLimits'],
  isWanted: boolean,
): Omit<AvatarInput, 'parent'> => ({
  isWanted,
  startTimeoutMs: limits.startTimeoutMs,
  joinTimeoutMs: limits.joinTimeoutMs,
  retryBaseMs: limits.retryBaseMs,
  maxAttempts: limits.maxAttempts,
  graceMs: limits.graceMs,
  ...SESSION_LIMITS.avatar,
});

/** A machine's context is plain JSON, which has no infinity. */
const finite = (ms: number | undefined): number | null =>
  ms !== undefined && Number.isFinite(ms) ? ms : null;
