import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { checkServer } from '../server-check.ts';
import { atExit } from './at-exit.ts';
import { TestingError } from './errors.ts';

/** How to get a server, for the report of a missing one. Fits a terminal's 80 columns. */
export const HOW_TO_GET_A_SERVER =
  'take one of these ways\n' +
  '  LiveKit Cloud: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET\n' +
  '  macOS: brew install livekit\n' +
  '  Linux: curl -sSL https://get.livekit.io | bash\n' +
  '  Go: go install github.com/livekit/livekit-server/cmd/server@v1.11.0\n' +
  '  Docker: docker run --rm --net=host livekit/livekit-server --dev\n' +
  '    and set LIVEKIT_URL to ws://127.0.0.1:7880; its key is devkey, and its\n' +
  '    secret is secret';

export interface LiveKitServer {
  url: string;
  apiKey: string;
  apiSecret: string;
  /** Process id, if this process started the server. */
  pid: number | undefined;
  /** Ends the server if this process started it. */
  stop(): Promise<void>;
}

/** A server that this process started. */
export interface OwnServer extends LiveKitServer {
  /** Starts the server again after a stop, with the same ports and keys. */
  startAgain(): Promise<OwnServer>;
}

/** Limit of a server's start, in ms. */
const START_LIMIT_MS = 15_000;

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
 * The server that the environment names, or a new one on loopback.
 *
 * @throws Error if the environment has an address without keys, or if no server there accepts them.
 */
export async function connectOrStartServer(): Promise<LiveKitServer | undefined> {
  const { LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = process.env;
  if (LIVEKIT_URL && LIVEKIT_API_KEY && LIVEKIT_API_SECRET) {
    await checkServer(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
    return {
      url: LIVEKIT_URL,
      apiKey: LIVEKIT_API_KEY,
      apiSecret: LIVEKIT_API_SECRET,
      pid: undefined,
      stop: async () => {},
    };
  }
  if (LIVEKIT_URL)
    throw new Error(
      'LIVEKIT_URL is set without LIVEKIT_API_KEY or LIVEKIT_API_SECRET: set them too, ' +
        'or unset it to use a server on this machine',
    );
  const binary = findLiveKitServer();
  return binary ? startLiveKitServer(binary) : undefined;
}

/** Another program may take a free port before the server starts. */
const START_ATTEMPTS = 3;

/**
 * Starts a server on free ports of the loopback address, with keys made for this run.
 *
 * @param rtc - Additional `rtc` settings of the server.
 * @throws TestingError
 */
export async function startLiveKitServer(
  binary: string,
  rtc: Readonly<Record<string, unknown>> = {},
): Promise<OwnServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [port, tcp_port, udp_port] = await freePorts();
      return await tryToStart(binary, port, { tcp_port, udp_port, ...rtc });
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function tryToStart(
  binary: string,
  port: number,
  rtc: Readonly<Record<string, unknown>>,
  apiSecret = randomBytes(24).toString('hex'),
): Promise<OwnServer> {
  const apiKey = 'devkey';
  const config = {
    port,
    bind_addresses: ['127.0.0.1'],
    rtc: {
      node_ip: '127.0.0.1',
      use_external_ip: false,
      ...rtc,
    },
    keys: { [apiKey]: apiSecret },
    logging: { level: 'warn' },
  };
  // Not as an argument, because every user of this machine can list arguments.
  const child = spawn(binary, {
    env: { ...process.env, LIVEKIT_CONFIG: JSON.stringify(config) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-4000);
  });
  const forget = atExit(() => child.kill('SIGKILL'));
  const stop = async () => {
    forget();
    await end(child);
  };
  const url = `ws://127.0.0.1:${port}`;
  try {
    await answering(`http://127.0.0.1:${port}`, child);
  } catch (error) {
    await stop();
    const reason = `livekit-server did not start (${String(error)})\n${output}`;
    throw new TestingError('server', reason, HOW_TO_GET_A_SERVER, { cause: error });
  }
  const startAgain = () => tryToStart(binary, port, rtc, apiSecret);
  return { url, apiKey, apiSecret, pid: child.pid, stop, startAgain };
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no answer within ${START_LIMIT_MS} ms`);
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    // A graceful stop would wait until the rooms are empty.
    child.kill('SIGKILL');
  });
}

/** Two ports for TCP and one for UDP. */
async function freePorts(): Promise<[number, number, number]> {
  const [http, tcp, udp] = [createServer(), createServer(), createSocket('udp4')];
  const listening = [http, tcp].map((server) => {
    server.listen(0, '127.0.0.1');
    return once(server, 'listening');
  });
  udp.bind(0, '127.0.0.1');
  await Promise.all([...listening, once(udp, 'listening')]);
  const ports = [http.address(), tcp.address(), udp.address()].map(
    (address) => (address as AddressInfo).port,
  ) as [number, number, number];
  for (const socket of [http, tcp, udp]) socket.close();
  await Promise.all([http, tcp, udp].map((socket) => once(socket, 'close')));
  return ports;
}

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
