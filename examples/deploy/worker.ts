/**
 * The worker of a deployment: `node --import tsx examples/deploy/worker.ts start`. Its settings come
 * from the environment; see `docs/scaling.md`.
 */
import { fileURLToPath } from 'node:url';
import { cli, ServerOptions } from '@livekit/agents';
import { numberFrom } from './environment.ts';

const mostJobs = numberFrom('WORKER_MAX_JOBS', Number.POSITIVE_INFINITY);

cli.runApp(
  new ServerOptions({
    agent: fileURLToPath(new URL('../../src/agent.ts', import.meta.url)),
    // By its jobs, or by the CPU of its machine. A server gives no job to a worker with a load of 1. If
    // all workers have that load at one moment, a new room stays without an agent.
    ...(Number.isFinite(mostJobs)
      ? { loadFunc: async (worker) => worker.activeJobs.length / mostJobs, loadThreshold: 1 }
      : // `cli.runApp` does not pass on the framework's default, 0.7: without a value here, the
        // worker would never be full.
        { loadThreshold: numberFrom('WORKER_LOAD_THRESHOLD', 0.7) }),
    // Time for its rooms to end after SIGTERM; compose's `stop_grace_period` has to be longer.
    drainTimeout: 1000 * numberFrom('WORKER_DRAIN_SECONDS', 1800),
    // The health check is `/`; `/worker` has the number of jobs. Neither asks for a token.
    host: process.env.WORKER_HOST || '127.0.0.1',
    port: numberFrom('WORKER_PORT', 8081),
    // Processes in reserve, so that a job begins at once.
    numIdleProcesses: numberFrom('WORKER_IDLE_PROCESSES', 2),
    initializeProcessTimeout: 60_000,
    shutdownProcessTimeout: 10_000,
  }),
);
