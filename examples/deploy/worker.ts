/**
 * The worker as a deployment runs it: `node --import tsx examples/deploy/worker.ts start`. What
 * differs from one place to another comes from the environment; see `docs/scaling.md`.
 */
import { fileURLToPath } from 'node:url';
import { cli, ServerOptions } from '@livekit/agents';
import { numberFrom } from './environment.ts';

const mostJobs = numberFrom('WORKER_MAX_JOBS', Number.POSITIVE_INFINITY);

cli.runApp(
  new ServerOptions({
    agent: fileURLToPath(new URL('../../src/agent.ts', import.meta.url)),
    // By its jobs, or by the CPU of its machine. A server gives no job to a worker of load 1, and
    // says nothing where all are: a moment in which a machine is busy would leave a room alone.
    ...(Number.isFinite(mostJobs)
      ? { loadFunc: async (worker) => worker.activeJobs.length / mostJobs, loadThreshold: 1 }
      : // It has to be said: the framework's own default, 0.7, does not get through `cli.runApp`,
        // and a worker would then never be full.
        { loadThreshold: numberFrom('WORKER_LOAD_THRESHOLD', 0.7) }),
    // After SIGTERM its rooms may last so long; compose's `stop_grace_period` has to be longer.
    drainTimeout: 1000 * numberFrom('WORKER_DRAIN_SECONDS', 1800),
    // `/` is its health, `/worker` its number of jobs: for whoever can reach it, without a token.
    host: process.env.WORKER_HOST || '127.0.0.1',
    port: numberFrom('WORKER_PORT', 8081),
    // Started before they are needed: a job then begins at once.
    numIdleProcesses: numberFrom('WORKER_IDLE_PROCESSES', 2),
    initializeProcessTimeout: 60_000,
    shutdownProcessTimeout: 10_000,
  }),
);
