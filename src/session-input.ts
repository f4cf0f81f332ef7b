import type { SessionInput } from './machines/session.types.ts';
import type { ResolvedOptions } from './options.ts';

/** The session machine's input: the user's options, and the limits that nobody has to choose. */
export function machineInput({ input, turn, limits }: ResolvedOptions): SessionInput {
  return {
    ...limits,
    discovery: { selector: input.source, subscribeGraceMs: 300, subscribeTimeoutMs: 5000 },
    replacement: {
      openTimeoutMs: 5000,
      closeTimeoutMs: 2000,
      retryBaseMs: 250,
      retryMaxMs: 4000,
      maxAttempts: 6,
      stallAfterMs: input.stallAfterMs,
    },
    sampling: { mode: input.mode, lookTimeoutMs: input.lookTimeoutMs },
    turn: {
      maxFrameAgeMs: turn.maxFrameAgeMs,
      attachBudgetMs: turn.attachBudgetMs,
      // Longer than any answer that waits for its turn to speak.
      commitTimeoutMs: 60_000,
    },
  };
}
