import type { LiveKitServer } from '../livekit-server.ts';
import { Child, type Environment } from './child.ts';
import { freePort } from './free-port.ts';

/** Limit of the worker's start, in ms. Long, because the machine may be under load. */
const START_LIMIT_MS = 120_000;

/** The worker of `examples/deploy`, run as in a deployment, on a free port. */
export class DeployedWorker {
  readonly child: Child;
  readonly #port: number;

  private constructor(child: Child, port: number) {
    this.child = child;
    this.#port = port;
  }

  /** Resolves when the worker is registered with its server. */
  static async start(
    { url, apiKey, apiSecret }: LiveKitServer,
    environment: Environment,
  ): Promise<DeployedWorker> {
    const port = await freePort();
    const child = new Child(['examples/deploy/worker.ts', 'start'], {
      SIGHTLINE_MODEL: undefined,
      GOOGLE_API_KEY: undefined,
      OPENAI_API_KEY: undefined,
      // Accepts every job even on a busy machine, because a load test looks for the limit.
      WORKER_MAX_JOBS: '100',
      WORKER_IDLE_PROCESSES: '1',
      ...environment,
      WORKER_PORT: String(port),
      LIVEKIT_URL: url,
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: apiSecret,
      LOG_LEVEL: 'info',
    });
    await child.line(/registered worker/, START_LIMIT_MS);
    return new DeployedWorker(child, port);
  }

  /** Status of its health check: 200 while it is registered with its server. */
  async health(): Promise<number> {
    return (await this.#get('/')).status;
  }

  /** Number of running jobs. */
  async jobs(): Promise<number> {
    const { active_jobs } = (await (await this.#get('/worker')).json()) as { active_jobs: number };
    return active_jobs;
  }

  #get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#port}${path}`, { signal: AbortSignal.timeout(10_000) });
  }
}
