import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LIVEKIT_SERVER_VERSION, type ServerProgram } from '../livekit-server.ts';

/** Reports what happens, one line at a time. */
export type Say = (text: string) => void;

const IMAGE = `livekit/livekit-server:${LIVEKIT_SERVER_VERSION}`;
const MODULE = `github.com/livekit/livekit-server/cmd/server@${LIVEKIT_SERVER_VERSION}`;

/** Limit of a question to a program, in ms. */
const ANSWER_LIMIT_MS = 10_000;
/** Limit of a download or a build, in ms. */
const WORK_LIMIT_MS = 20 * 60_000;
/** Time between two lines of progress, in ms. */
const PROGRESS_MS = 5000;

/** The folder of the server that Go builds: it goes with the packages of this clone. */
export const CACHE = fileURLToPath(
  new URL('../../../node_modules/.cache/sightline/', import.meta.url),
);

/** The server that Go built in an earlier run. */
export function builtServer(cache: string): string | undefined {
  const path = join(cache, process.platform === 'win32' ? 'server.exe' : 'server');
  return existsSync(path) ? path : undefined;
}

/** Builds the server with Go; `undefined` if Go is missing or fails. */
export async function buildServer(say: Say, cache: string): Promise<string | undefined> {
  if (!answers('go', ['version'])) return undefined;
  say(`Go builds LiveKit's server ${LIVEKIT_SERVER_VERSION}, once: it takes a few minutes`);
  mkdirSync(cache, { recursive: true });
  const failure = await work('go', ['install', '-v', MODULE], say, { GOBIN: cache });
  if (failure === undefined) return builtServer(cache);
  say(`Go did not build it: ${failure}`);
  return undefined;
}

/** Runs the server in a container; `undefined` if Docker does not run or has no image. */
export async function dockerServer(say: Say): Promise<ServerProgram | undefined> {
  if (!answers('docker', ['version', '--format', '{{.Server.Version}}'])) return undefined;
  if (!answers('docker', ['image', 'inspect', IMAGE])) {
    say(`Docker pulls ${IMAGE}, once`);
    const failure = await work('docker', ['pull', IMAGE], say);
    if (failure !== undefined) {
      say(`Docker did not pull it: ${failure}`);
      return undefined;
    }
  }
  const name = `sightline-${randomBytes(6).toString('hex')}`;
  return {
    file: 'docker',
    args: ({ port, tcp_port, udp_port }) => [
      ...['run', '--rm', '--name', name, '--env', 'LIVEKIT_CONFIG'],
      ...['--publish', `127.0.0.1:${port}:${port}`],
      ...['--publish', `127.0.0.1:${tcp_port}:${tcp_port}`],
      ...['--publish', `127.0.0.1:${udp_port}:${udp_port}/udp`],
      IMAGE,
    ],
    // Inside of its container: Docker publishes the ports on this machine's loopback only.
    bindAddress: '0.0.0.0',
    // The container goes on if its client is killed. It may also be gone: then this fails.
    cleanUp: () => void spawnSync('docker', ['kill', name], { stdio: 'ignore' }),
  };
}

function answers(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: ANSWER_LIMIT_MS }).status === 0;
}

/** Runs a long program, and reports its last line from time to time. Resolves to the reason of a failure. */
async function work(
  program: string,
  args: readonly string[],
  say: Say,
  env: NodeJS.ProcessEnv = {},
): Promise<string | undefined> {
  const startedAt = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: WORK_LIMIT_MS,
  });
  let last = '';
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      last = line.trim() || last;
    });
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    say(`  ${seconds} s${last && `: ${last}`}`);
  }, PROGRESS_MS);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) =>
        resolve(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}, at: ${last}`),
      );
    });
  } finally {
    clearInterval(timer);
  }
}
