import { fileURLToPath } from 'node:url';
import type { FrameContestant } from '../result.ts';
import { LineChild } from '../support/line-child.ts';
import { type Complain, limitProgram, pythonReference } from '../support/tools.ts';

/** What each encoder replies to `encode` and `save`. */
export interface EncodeReply {
  wallMs: number;
  blockedMs: number;
  bytes: number;
}

export interface Encoders {
  /** Those that are there, each in a process of its own. */
  running: Partial<Record<FrameContestant, LineChild>>;
  /** Of the Python packages. */
  versions: Record<string, string>;
  end(): Promise<void>;
}

/** Starts all encoders but those that are left out or missing. */
export async function startEncoders(
  left: ReadonlySet<string>,
  complain: Complain,
): Promise<Encoders> {
  const program = new URL('./encoder.ts', import.meta.url);
  const running: Encoders['running'] = {
    sightline: LineChild.startNode('sightline', program, ['sightline']),
    framework: LineChild.startNode('framework', program, ['framework']),
  };
  const python = left.has('python') ? null : await pythonReference(complain);
  if (python) {
    const script = fileURLToPath(new URL('./encoder.py', import.meta.url));
    running.python = LineChild.start('python', python.command, [script]);
  }
  const limit = left.has('limit') ? null : await limitProgram(complain);
  if (limit) running.limit = LineChild.start('limit', limit);
  return {
    running,
    versions: python?.versions ?? {},
    async end() {
      await Promise.all(Object.values(running).map((child) => child.end()));
    },
  };
}
