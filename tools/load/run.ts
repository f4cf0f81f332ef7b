import { availableParallelism, loadavg } from 'node:os';
import { HOW_TO_GET_A_SERVER } from '../../src/testing/livekit-server.ts';
import { DeployedWorker } from '../../src/testing/processes/deployed-worker.ts';
import { connectOrStartServer } from '../../src/testing/processes/find-server.ts';
import { LineChild } from '../../src/testing/processes/line-child.ts';
import { measure } from './measure.ts';
import type { LoadOptions } from './options.ts';
import type { LoadResult } from './result.ts';

const START_LIMIT_MS = 120_000;

/** @throws Error if a room gets no agent. */
export async function load(options: LoadOptions, say: (line: string) => void): Promise<LoadResult> {
  const machine = { cores: availableParallelism(), loadAverage: loadavg()[0] ?? Number.NaN };
  const server = await connectOrStartServer(say);
  if (!server) throw new Error(`there is no LiveKit server: ${HOW_TO_GET_A_SERVER}`);
  const ends: (() => Promise<unknown>)[] = [() => server.stop()];
  try {
    const start = (name: string, program: string) => {
      const child = LineChild.startNode(name, new URL(program, import.meta.url));
      ends.unshift(() => child.end());
      return child;
    };
    const service = options.model === 'realtime' && start('service', '../soak/model-services.ts');
    const environment = service
      ? {
          GOOGLE_API_KEY: 'k',
          GOOGLE_BASE_URL: (await service.ask<{ gemini: string }>('addresses', START_LIMIT_MS))
            .gemini,
        }
      : { SIGHTLINE_MODEL: 'reader' };
    say(`load: ${options.workers} workers start`);
    const workers: DeployedWorker[] = [];
    for (let index = 0; index < options.workers; index++) {
      const worker = await DeployedWorker.start(server, {
        ...environment,
        // Enough for all. The smaller this is, the more evenly a server distributes them.
        WORKER_MAX_JOBS: String(options.rooms + 1),
      });
      workers.push(worker);
      ends.unshift(() => worker.child.kill());
    }
    const crowd = start('crowd', 'crowd.ts');
    await crowd.ask('frames', START_LIMIT_MS);
    return await measure(options, { machine, server, workers, crowd, service, say });
  } finally {
    for (const end of ends) await end();
  }
}
