import { fileURLToPath } from 'node:url';
import { LineChild } from '../../../src/testing/processes/line-child.ts';
import type { PythonReference } from '../../../src/testing/processes/python-reference.ts';
import type { StreamFigures } from '../result.ts';
import { type Contestant, type ContestOptions, contest } from './contest.ts';
import { IDLE_MS, SPEAKING_MS } from './contestants.ts';
import type { Stage } from './stage.ts';

/** Streams at once. */
const COUNTS = [1, 4, 8] as const;
/** The lowest and highest counts are enough for most contestants. */
const ENDS = [1, 8] as const;
const ONE = [1] as const;

export interface StreamsOptions extends ContestOptions {
  python: PythonReference | null;
}

/** Agents that watch a stream. */
export function benchStreams(stage: Stage, options: StreamsOptions): Promise<StreamFigures[]> {
  const { python } = options;
  return contest(
    stage,
    [
      inNode('sightline', COUNTS, false),
      inNode('videostream', COUNTS),
      inNode('sightline-idle', COUNTS, false),
      inNode('sightline-kept', ENDS, false),
      inNode('subscribed', ENDS, false),
      ...inPython(python, 'python', ENDS, SPEAKING_MS),
      ...inPython(python, 'python-idle', ENDS, IDLE_MS),
    ],
    options,
  );
}

/** Agents that mask a region of what they show to a model, once a second. */
export function benchProcessors(stage: Stage, options: StreamsOptions): Promise<StreamFigures[]> {
  const { python } = options;
  return contest(
    stage,
    [
      inNode('sightline', ONE, false),
      inNode('sightline-masked', ONE, false),
      ...inPython(python, 'python', ONE, SPEAKING_MS),
      ...inPython(python, 'python-masked', ONE, SPEAKING_MS, 'masked'),
    ],
    options,
  );
}

function inNode(name: string, counts: readonly number[], readsAll = true): Contestant {
  const program = new URL('./subscriber.ts', import.meta.url);
  return { name, counts, readsAll, start: () => LineChild.startNode(name, program, [name]) };
}

function inPython(
  python: PythonReference | null,
  name: string,
  counts: readonly number[],
  everyMs: number,
  ...more: string[]
): Contestant[] {
  if (!python) return [];
  const script = fileURLToPath(new URL('./subscriber.py', import.meta.url));
  const args = [script, String(everyMs), ...more];
  const start = () => LineChild.start(name, python.command, args);
  return [{ name, counts, readsAll: true, start }];
}
