import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { checkServer } from '../../server-check.ts';
import { type LiveKitServer, startLiveKitServer, startServerProgram } from '../livekit-server.ts';
import { buildServer, builtServer, CACHE, dockerServer, type Say } from './server-programs.ts';

/** What `livekit-server --dev` listens on and accepts. */
const DEV_SERVER = { url: 'ws://127.0.0.1:7880', apiKey: 'devkey', apiSecret: 'secret' };

/** The server binary on PATH or in Go's bin folder. */
export function findLiveKitServer(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const candidates = [
    ...onPath.map((dir) => join(dir, `livekit-server${suffix}`)),
    // `go install` names the binary `server`, after the module's command.
    ...goBins().map((dir) => join(dir, `server${suffix}`)),
    ...goBins().map((dir) => join(dir, `livekit-server${suffix}`)),
    ...onPath.map((dir) => join(dir, `server${suffix}`)),
  ];
  return candidates.find((path) => existsSync(path) && isLiveKit(path));
}

/**
 * The server that the environment names, or a new one on loopback. `undefined` if this machine has
 * no way to start one.
 *
 * @throws Error if the environment has an address without keys, or if no server there accepts them.
 */
export async function connectOrStartServer(say: Say): Promise<LiveKitServer | undefined> {
  return (await givenServer(say)) ?? (await ownServer(say));
}

/** The server that the environment names. */
export async function givenServer(say: Say): Promise<LiveKitServer | undefined> {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = process.env;
  if (!url) return undefined;
  if (!LIVEKIT_API_KEY || !LIVEKIT_API_SECRET)
    throw new Error(
      'LIVEKIT_URL is set without LIVEKIT_API_KEY or LIVEKIT_API_SECRET: set them too, ' +
        'or unset it to use a server on this machine',
    );
  await checkServer(url, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
  say(`LiveKit server: the one of LIVEKIT_URL, ${url}`);
  return foreign({ url, apiKey: LIVEKIT_API_KEY, apiSecret: LIVEKIT_API_SECRET });
}

/** A server that the user started with `livekit-server --dev`. */
export async function runningDevServer(say: Say): Promise<LiveKitServer | undefined> {
  const { url, apiKey, apiSecret } = DEV_SERVER;
  // Any failure means the same: there is none, or it is a server with other keys.
  const runs = await checkServer(url, apiKey, apiSecret).then(
    () => true,
    () => false,
  );
  if (!runs) return undefined;
  say(`LiveKit server: the one that runs at ${url}`);
  return foreign(DEV_SERVER);
}

/**
 * Starts a server with what this machine has: the binary, Docker, or Go, which builds it.
 *
 * @param cache - The folder for what Go builds.
 */
export async function ownServer(say: Say, cache = CACHE): Promise<LiveKitServer | undefined> {
  const binary = findLiveKitServer() ?? builtServer(cache);
  if (binary) {
    say(`LiveKit server: ${binary}, started for this run`);
    return startLiveKitServer(binary);
  }
  const docker = await dockerServer(say);
  if (docker) {
    say('LiveKit server: a Docker container, started for this run');
    return startServerProgram(docker);
  }
  const built = await buildServer(say, cache);
  if (!built) return undefined;
  say('LiveKit server: the one that Go has built, started for this run');
  return startLiveKitServer(built);
}

const foreign = (server: typeof DEV_SERVER): LiveKitServer => ({
  ...server,
  pid: undefined,
  stop: async () => {},
});

function goBins(): string[] {
  const { GOBIN, GOPATH } = process.env;
  return [
    ...(GOBIN ? [GOBIN] : []),
    ...(GOPATH ? GOPATH.split(delimiter).map((dir) => join(dir, 'bin')) : []),
    join(homedir(), 'go', 'bin'),
  ];
}

/** Many programs are called `server`, so the help text has to name LiveKit. */
function isLiveKit(path: string): boolean {
  try {
    return /livekit/i.test(execFileSync(path, ['--help'], { encoding: 'utf8', timeout: 5000 }));
  } catch {
    return false;
  }
}
