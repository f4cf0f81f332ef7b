import { onTestFailed } from 'vitest';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { Child, type Environment } from '../../src/testing/processes/child.ts';

/** Limit for the start of a worker, a job or a user on a busy machine, in ms. */
export const START_LIMIT_MS = 100_000;

/** No model is selected and none has a key, whatever this machine's environment contains. */
export const NO_MODEL: Environment = {
  SIGHTLINE_MODEL: undefined,
  GOOGLE_API_KEY: undefined,
  OPENAI_API_KEY: undefined,
};

/**
 * The worker of `npm start` with the offline reader. Resolves when it takes jobs. A test that fails
 * prints its output.
 */
export async function startWorker(
  { url, apiKey, apiSecret }: LiveKitServer,
  ...args: string[]
): Promise<Child> {
  const worker = new Child(['src/agent.ts', ...args], {
    ...NO_MODEL,
    SIGHTLINE_MODEL: 'reader',
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    LOG_LEVEL: 'info',
  });
  onTestFailed(() => console.info(worker.output));
  await worker.line(/registered worker/, START_LIMIT_MS);
  return worker;
}

/** The process of the worker's newest job, according to its log. */
export function jobProcess({ output }: Child): number {
  const pid = [...output.matchAll(/"pid":(\d+),"jobID":/g)].at(-1)?.[1];
  if (!pid) throw new Error(`no job has logged anything:\n${output}`);
  return Number(pid);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
