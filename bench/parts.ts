import '../demo/quiet.ts';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { initializeLogger } from '@livekit/agents';
import { startEncoders } from './frames/encoders.ts';
import { checkLedger } from './frames/ledger.ts';
import { benchFrames } from './frames/run.ts';
import type { BenchOptions, Part } from './options.ts';
import type { BenchResult } from './result.ts';
import { benchReplacements, benchSlowConsumer } from './streams/leaks.ts';
import { benchStreams } from './streams/run.ts';
import { Stage } from './streams/stage.ts';
import { nodeVersions } from './support/versions.ts';

/** How long the ledger is watched, in ms. */
const LEDGER_MS = 1500;
/** Those that need a room. */
const IN_A_ROOM: readonly Part[] = ['streams', 'slow', 'replacements'];

/** Runs the parts that were asked for. Whatever they start is over when this is. */
export async function runParts(
  options: BenchOptions,
  say: (line: string) => void,
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
  if (options.parts.has('frames')) await runFrames(options, result, say);
  if (IN_A_ROOM.some((part) => options.parts.has(part))) await runStreams(options, result, say);
  return result;
}

async function runFrames(
  options: BenchOptions,
  result: BenchResult,
  say: (line: string) => void,
): Promise<void> {
  const encoders = await startEncoders(options.without, say);
  Object.assign(result.machine.versions, encoders.versions);
  try {
    result.frames = await benchFrames(encoders, { iterations: options.iterations, progress: say });
  } finally {
    await encoders.end();
  }
  say('frames: the ledger');
  result.ledger = await checkLedger(LEDGER_MS);
}

async function runStreams(
  options: BenchOptions,
  result: BenchResult,
  say: (line: string) => void,
): Promise<void> {
  const { parts, sliceSeconds, slowSeconds, rounds, without } = options;
  const stage = await Stage.open(say);
  const on = async <Figures>(bench: (stage: Stage) => Promise<Figures>) =>
    stage ? await bench(stage) : null;
  try {
    if (parts.has('streams'))
      result.streams = await on((stage) =>
        benchStreams(stage, { sliceSeconds, rounds, left: without, complain: say, progress: say }),
      );
    if (parts.has('slow')) {
      say(`slow: ${slowSeconds} s each`);
      result.slowConsumer = await on((stage) => benchSlowConsumer(stage, slowSeconds));
    }
    if (parts.has('replacements')) {
      say('replacements');
      result.replacements = await on(benchReplacements);
    }
  } finally {
    await stage?.end();
  }
}
