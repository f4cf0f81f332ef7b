import { SESSION_LIMITS } from '../limits.ts';
import type { AvatarStartupInput } from '../machines/avatar-startup.types.ts';
import type { SessionInput } from '../machines/session.types.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** The session machine's input: the user's options, and the limits that no option sets. */
export function machineInput({ input, turn, avatar, face, limits }: ResolvedOptions): SessionInput {
  const { discovery, replacement, pause, motion, link } = SESSION_LIMITS;
  return {
    ...limits,
    eyes: input.sources.map((selector) => ({
      mode: input.mode,
      discovery: { selector, ...discovery },
      replacement: { ...replacement, stallAfterMs: input.stallAfterMs },
      pause: { policy: input.idleSubscription, ...pause },
    })),
    motion: { maxPictures: turn.frames - 1, ...motion },
    sampling: {
      mode: input.mode,
      intervals: {
        speakingMs: finite(input.sampler.intervals?.speaking),
        silentMs: finite(input.sampler.intervals?.silent),
      },
    },
    look: { mode: input.mode, lookTimeoutMs: input.lookTimeoutMs },
    face: avatar ? avatarInput(face) : null,
    link,
    turn: {
      maxFrameAgeMs: turn.maxFrameAgeMs,
      attachBudgetMs: turn.attachBudgetMs,
      ...SESSION_LIMITS.turn,
    },
  };
}

/** The avatar machine's input. */
export const avatarInput = (face: ResolvedOptions['face']): AvatarStartupInput => ({
  startTimeoutMs: face.startTimeoutMs,
  joinTimeoutMs: face.joinTimeoutMs,
  retryBaseMs: face.retryBaseMs,
  maxAttempts: face.maxAttempts,
  graceMs: face.graceMs,
  ...SESSION_LIMITS.avatar,
});

/** A machine's context is plain JSON, which has no infinity. */
const finite = (ms: number | undefined): number | null =>
  ms !== undefined && Number.isFinite(ms) ? ms : null;
