import type { FrameSamplingInput } from '../../src/machines/frame-sampling.types.ts';
import type { TurnCompletionInput } from '../../src/machines/turn-completion.types.ts';
import { avatarInput, machineInput } from '../../src/session/machine-input.ts';
import type { VideoSessionOptions } from '../../src/session/options.ts';
import { resolveOptions } from '../../src/session/resolve-options.ts';
import { watchInput } from '../../src/watch/watch-options.ts';

/** What a machine gets when nobody sets an option: the times in the pictures come from here. */
export interface MachineDefaults {
  input: object;
  /** For a delay that depends on what happened: contexts of its shortest and its longest time. */
  delays?: Record<string, object[]>;
}

// The options name a room; no default depends on it.
const room = {
  on: () => room,
  remoteParticipants: new Map(),
} as unknown as VideoSessionOptions['room'];
const options = resolveOptions({ room });
const session = machineInput(options);
const [eyes] = session.eyes;
if (!eyes) throw new Error('a session has a source');

const frameSampling: FrameSamplingInput = { ...session.sampling, sink: 'model' };

const turnCompletion: TurnCompletionInput = {
  ...session.turn,
  requestId: 1,
  requestedAt: 0,
  frame: null,
  frameExpected: false,
};

/** By machine id. */
const table: Record<string, MachineDefaults> = {
  avatarStartup: {
    input: avatarInput(options.face),
    delays: { untilRetry: [{ attempts: 1 }, { attempts: 100 }] },
  },
  frameSampling: { input: frameSampling },
  idlePause: {
    input: eyes.pause,
    delays: { untilWake: [{ intervalMs: session.sampling.intervals.silentMs }] },
  },
  look: { input: session.look },
  modelLink: { input: session.link },
  session: { input: session },
  sight: { input: eyes },
  streamReplacement: {
    input: eyes.replacement,
    delays: { backOff: [{ failures: 1 }, { failures: eyes.replacement.maxAttempts - 1 }] },
  },
  trackDiscovery: { input: eyes.discovery },
  turnCompletion: { input: turnCompletion },
  turnMotion: { input: session.motion },
  view: {
    input: {
      view: 0,
      eyes,
      sampling: frameSampling,
      look: session.look,
      motion: session.motion,
    },
  },
  watch: {
    input: watchInput({ everyMs: 5000, decide: () => false, act: () => {} }),
    delays: {
      backOff: [{ failures: 1 }, { failures: 100 }],
      coolDown: [{ actFailures: 0 }, { actFailures: 100 }],
    },
  },
};

/** Nothing for a machine that the table does not name: its delays are then shown without times. */
export function defaultsOf(machineId: string): MachineDefaults | undefined {
  return table[machineId];
}
