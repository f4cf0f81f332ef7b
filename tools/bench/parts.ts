import '../../src/testing/processes/quiet.ts';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { initializeLogger } from '@livekit/agents';
import {
  type PythonReference,
  pythonReference,
} from '../../src/testing/processes/python-reference.ts';
import { benchCost } from './cost/run.ts';
import { benchFaces } from './faces/run.ts';
import { startEncoders } from './frames/encoders.ts';
import { checkLedger } from './frames/ledger.ts';
import { benchFrames } from './frames/run.ts';
import type { BenchOptions, Part } from './options.ts';
import type { BenchResult } from './result.ts';
import { benchScreen } from './screen/run.ts';
import { benchShare } from './share/run.ts';
import { benchReplacements, benchSlowConsumer } from './streams/leaks.ts';
import { benchProcessors, benchStreams } from './streams/run.ts';
import { Stage } from './streams/stage.ts';
import { limitProgram } from './support/limit-program.ts';
import { nodeVersions } from './support/versions.ts';
import { benchWatch } from './watch/run.ts';

/** How long the ledger is observed, in ms. */
const LEDGER_MS = 1500;
/** Parts that are compared with Python. */
const COMPARED: readonly Part[] = ['frames', 'streams', 'processors', 'cost'];
/** Parts that need a room. */
const IN_A_ROOM: readonly Part[] = ['streams', 'processors', 'slow', 'replacements'];

export interface PartsHandlers {
  /** Reports the current step, and what is missing. */
  say(line: string): void;
  /** Gets the results so far, after each part. */
  save(result: BenchResult): Promise<void>;
}

/** Runs the requested parts. Everything that they start has ended when this resolves. */
export async function runParts(
  options: BenchOptions,
  handlers: PartsHandlers,
): Promise<BenchResult> {
  initializeLogger({ pretty: false, level: 'error' });
  const result: BenchResult = {
    machine: {
      cpus: availableParallelism(),
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      node: process.version,
      date: new Date().toISOString().slice(0, 10),
      load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
      versions: nodeVersions(),
    },
  };
  const { parts, without } = options;
  const compares = COMPARED.some((part) => parts.has(part));
  const python = compares && !without.has('python') ? await pythonReference(handlers.say) : null;
  Object.assign(result.machine.versions, python?.versions);
  if (parts.has('frames')) await runFrames(options, result, python, handlers);
  if (IN_A_ROOM.some((part) => parts.has(part)))
    await runInARoom(options, result, python, handlers);
  if (parts.has('processors')) {
    handlers.say('processors: faces');
    result.faces = await benchFaces();
    await handlers.save(result);
  }
  if (parts.has('watch')) {
    handlers.say('watch');
    result.watch = await benchWatch();
    await handlers.save(result);
  }
  if (parts.has('cost')) {
    handlers.say('cost');
    result.cost = await benchCost(python);
    await handlers.save(result);
  }
  if (parts.has('screen')) {
    result.screen = await benchScreen(handlers.say);
    await handlers.save(result);
  }
  if (parts.has('share')) {
    result.share = await benchShare(handlers.say);
    await handlers.save(result);
  }
  return result;
}

async function runFrames(
  { iterations, without }: BenchOptions,
  result: BenchResult,
  python: PythonReference | null,
  { say, save }: PartsHandlers,
): Promise<void> {
  const limit = without.has('limit') ? null : await limitProgram(say);
  const encoders = startEncoders(python, limit);
  try {
    result.frames = await benchFrames(encoders, { iterations, progress: say });
  } finally {
    await Promise.all(Object.values(encoders).map((encoder) => encoder.end()));
  }
  say('frames: the ledger');
  result.ledger = await checkLedger(LEDGER_MS);
  await save(result);
}

async function runInARoom(
  { parts, sliceSeconds, slowSeconds, rounds }: BenchOptions,
  result: BenchResult,
  python: PythonReference | null,
  { say, save }: PartsHandlers,
): Promise<void> {
  const stage = await Stage.open(say);
  const run = async <Figures>(part: Part, bench: (stage: Stage) => Promise<Figures>) => {
    if (!parts.has(part)) return undefined;
    say(part);
    return stage ? await bench(stage) : null;
  };
  try {
    const contest = { sliceSeconds, rounds, python, complain: say, progress: say };
    const streams = await run('streams', (stage) => benchStreams(stage, contest));
    if (streams !== undefined) result.streams = streams;
    await save(result);
    const processors = await run('processors', (stage) => benchProcessors(stage, contest));
    if (processors !== undefined) result.processors = processors;
    await save(result);
    const slowConsumer = await run('slow', (stage) => benchSlowConsumer(stage, slowSeconds));
    if (slowConsumer !== undefined) result.slowConsumer = slowConsumer;
    await save(result);
    const replacements = await run('replacements', benchReplacements);
    if (replacements !== undefined) result.replacements = replacements;
    await save(result);
  } finally {
    await stage?.end();
  }
}
