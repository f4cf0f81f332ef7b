import { fileURLToPath } from 'node:url';
import { LineChild } from '../../../src/testing/processes/line-child.ts';
import type { PythonReference } from '../../../src/testing/processes/python-reference.ts';
import type { FrameContestant } from '../result.ts';
import type { Times } from '../support/timed.ts';

/** The replies of each encoder to `encode` and `save`. */
export interface EncodeReply extends Times {
  bytes: number;
}

/** The available encoders, each in a separate process. */
export type Encoders = Partial<Record<FrameContestant, LineChild>>;

/** @param limit - The program of `tools/bench/limit.c`. */
export function startEncoders(python: PythonReference | null, limit: string | null): Encoders {
  const program = new URL('./encoder.ts', import.meta.url);
  const encoders: Encoders = {
    sightline: LineChild.startNode('sightline', program, ['sightline']),
    framework: LineChild.startNode('framework', program, ['framework']),
  };
  const script = fileURLToPath(new URL('./encoder.py', import.meta.url));
  if (python) encoders.python = LineChild.start('python', python.command, [script]);
  if (limit) encoders.limit = LineChild.start('limit', limit);
  return encoders;
}
