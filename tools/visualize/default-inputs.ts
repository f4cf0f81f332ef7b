import { avatarInput, machineInput } from '../../src/session/machine-input.ts';
import type { VideoSessionOptions } from '../../src/session/options.ts';
import { resolveOptions } from '../../src/session/resolve-options.ts';
import { watchInput } from '../../src/watch/watch-options.ts';

/** The inputs of the machines with default options: the times in the pictures come from here. */
export interface MachineDefaults {
  input: object;
  /** For a delay that depends on events: contexts of its shortest and its longest time. */
  delays?: Record<string, object[]>;
}

// The options require a room, but no default depends on it.
const room = {
  on: () => room,
  remoteParticipants: new Map(),
} as unknown as VideoSessionOptions['room'];
const options = resolveOptions({ room });
const session = machineInput(options);
const { source } = session;
const [followed] = session.follow;
if (!followed) throw new Error('a session follows a source');
const ofSource = { sourceId: followed.id, mode: session.mode };
const turn = { requestId: 1, requestedAt: 0, frame: null, frameExpected: false, needsWords: false };

/** By machine id. A picture needs no parent, since nothing is sent. */
const table: Record<string, MachineDefaults> = {
  avatar: {
    input: avatarInput(options.avatarLimits, true),
    delays: { untilRetry: [{ attempts: 1 }, { attempts: 100 }] },
  },
  frameSampling: { input: { ...source.sampling, ...ofSource, sink: 'model' } },
  idlePause: {
    input: source.pause,
    delays: { untilWake: [{ intervalMs: source.sampling.intervals.silentMs }] },
  },
  look: { input: { ...source.look, ...ofSource } },
  modelLink: { input: session.link },
  session: { input: session },
  source: { input: { ...source, ...followed, mode: session.mode } },
  startup: { input: session.startup },
  streamReplacement: {
    input: source.replacement,
    delays: { backOff: [{ failures: 1 }, { failures: source.replacement.maxAttempts - 1 }] },
  },
  trackDiscovery: { input: { ...source.discovery, selector: followed.selector } },
  turnCompletion: { input: { ...session.turn, ...turn } },
  turnMotion: { input: { ...source.motion, ...ofSource } },
  watch: {
    input: watchInput({ everyMs: 5000, decide: () => false, act: () => {} }),
    delays: {
      backOff: [{ failures: 1 }, { failures: 100 }],
      coolDown: [{ actFailures: 0 }, { actFailures: 100 }],
    },
  },
};

/** None for a machine that the table does not name: its delays are then shown without times. */
export function defaultsOf(machineId: string): MachineDefaults | undefined {
  return table[machineId];
}
