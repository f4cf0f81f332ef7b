import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TYPESCRIPT } from '../../src/testing/processes/typescript.ts';
import type { Verdict, WantedRun } from './test-run.ts';

const script = fileURLToPath(new URL('./test-run.ts', import.meta.url));

/** Runs tests in a separate process, and starts another one if a mutant hangs. */
export class Tester {
  #child: ChildProcess | undefined;

  /** @param limitMs - A run that takes longer hangs, because its machine never settles. */
  async run(wanted: WantedRun, limitMs: number): Promise<Verdict> {
    this.#child ??= await started();
    const child = this.#child;
    child.send(wanted);
    const limit = AbortSignal.timeout(limitMs);
    try {
      const [verdict] = await once(child, 'message', { signal: limit });
      return verdict as Verdict;
    } catch {
      await this.close();
      return { failed: { test: 'all of them', reason: 'they never end' } };
    }
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

async function started(): Promise<ChildProcess> {
  const child = fork(script, { execArgv: [...TYPESCRIPT], stdio: ['ignore', 2, 2, 'ipc'] });
  await once(child, 'message');
  return child;
}
