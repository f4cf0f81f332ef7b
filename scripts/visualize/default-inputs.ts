import type { FrameSamplingInput } from '../../src/machines/frame-sampling.types.ts';
import type { SessionInput } from '../../src/machines/session.types.ts';
import type { StreamReplacementInput } from '../../src/machines/stream-replacement.types.ts';
import type { TrackDiscoveryInput } from '../../src/machines/track-discovery.types.ts';
import type { TurnCompletionInput } from '../../src/machines/turn-completion.types.ts';

/** What a machine gets when nobody sets an option: the times in the pictures come from here. */
export interface MachineDefaults {
  input: object;
  /** For a delay that depends on what happened: contexts of its shortest and its longest time. */
  delays?: Record<string, object[]>;
}

const trackDiscovery: TrackDiscoveryInput = {
  selector: 'latest',
  subscribeGraceMs: 2000,
  subscribeTimeoutMs: 10_000,
};

const streamReplacement: StreamReplacementInput = {
  openTimeoutMs: 5000,
  closeTimeoutMs: 2000,
  retryBaseMs: 500,
  retryMaxMs: 8000,
  maxAttempts: 5,
  stallAfterMs: 5000,
};

const frameSampling: FrameSamplingInput = { mode: 'sampled', sink: 'model', lookTimeoutMs: 2000 };

const turnCompletion: TurnCompletionInput = {
  requestId: 1,
  requestedAt: 0,
  frame: null,
  frameExpected: false,
  maxFrameAgeMs: 3000,
  attachBudgetMs: 150,
  commitTimeoutMs: 60_000,
};

const session: SessionInput = {
  discovery: trackDiscovery,
  replacement: streamReplacement,
  sampling: frameSampling,
  turn: turnCompletion,
  connectTimeoutMs: 15_000,
  startTimeoutMs: 30_000,
  closeTimeoutMs: 5000,
};

/** By machine id. */
const table: Record<string, MachineDefaults> = {
  trackDiscovery: { input: trackDiscovery },
  streamReplacement: {
    input: streamReplacement,
    delays: {
      backOff: [{ failures: 1 }, { failures: streamReplacement.maxAttempts - 1 }],
    },
  },
  frameSampling: { input: frameSampling },
  turnCompletion: { input: turnCompletion },
  session: { input: session },
};

/** Nothing for a machine that the table does not name: its delays are then shown without times. */
export function defaultsOf(machineId: string): MachineDefaults | undefined {
  return table[machineId];
}
