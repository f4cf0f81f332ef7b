import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { atExit } from './at-exit.ts';
import { TestingError } from './errors.ts';
import { killAfter } from './kill-after.ts';

/** The version that is built or pulled. Newer ones cannot be installed with Go. */
export const LIVEKIT_SERVER_VERSION = 'v1.11.0';

/** How to get a server, for the report of a missing one. Fits a terminal's 80 columns. */
export const HOW_TO_GET_A_SERVER =
  'take one of these ways\n' +
  '  LiveKit Cloud: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET\n' +
  '  Linux: curl -sSL https://get.livekit.io | bash\n' +
  `  Go: go install github.com/livekit/livekit-server/cmd/server@${LIVEKIT_SERVER_VERSION}\n` +
  '  Docker: start it; npm run demo then runs livekit/livekit-server\n' +
  '  macOS: brew install livekit (not tried)\n' +
  '  Windows: put livekit-server.exe of github.com/livekit/livekit/releases on the\n' +
  '    PATH (not tried); winget has the command line of LiveKit, but no server';

/** What a participant needs to join a room of a server. */
export interface ServerAccess {
  url: string;
  apiKey: string;
  apiSecret: string;
}

export interface LiveKitServer extends ServerAccess {
  /** Process id, if this process started the server. */
  pid: number | undefined;
  /** Ends the server if this process started it. */
  stop(): Promise<void>;
}

/** A server that this process started. */
export interface OwnServer extends LiveKitServer {
  /** Starts the server again after a stop, with the same ports and keys. Resolves with this object. */
  startAgain(): Promise<OwnServer>;
}

/** Limit of a server's start, in ms. */
const START_LIMIT_MS = 15_000;

/** The ports of a server. */
export interface ServerPorts {
  /** Signalling, TCP. */
  readonly port: number;
  /** Media over TCP. */
  readonly tcp_port: number;
  /** Media over UDP. */
  readonly udp_port: number;
}

/** A program that runs a server in the foreground and takes its settings from `LIVEKIT_CONFIG`. */
export interface ServerProgram {
  readonly file: string;
  args(ports: ServerPorts): readonly string[];
  /** The address on which the server listens, as the program sees it. */
  readonly bindAddress: string;
  /** Ends what remains when the program was killed. */
  cleanUp(): void;
}

/** Another program may take a free port before the server starts. */
const START_ATTEMPTS = 3;

/**
 * Starts a server on free ports of the loopback address, with keys made for this run.
 *
 * @param rtc - Additional `rtc` settings of the server.
 * @throws TestingError
 */
export function startLiveKitServer(
  binary: string,
  rtc: Readonly<Record<string, unknown>> = {},
): Promise<OwnServer> {
  return startServerProgram(
    { file: binary, args: () => [], bindAddress: '127.0.0.1', cleanUp: () => {} },
    rtc,
  );
}

/** The same with any program that runs the server. */
export async function startServerProgram(
  program: ServerProgram,
  rtc: Readonly<Record<string, unknown>> = {},
): Promise<OwnServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryToStart(program, await freePorts(), rtc);
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function tryToStart(
  program: ServerProgram,
  ports: ServerPorts,
  rtc: Readonly<Record<string, unknown>>,
  apiSecret = randomBytes(24).toString('hex'),
): Promise<OwnServer> {
  const apiKey = 'devkey';
  const { port, tcp_port, udp_port } = ports;
  const config = {
    port,
    bind_addresses: [program.bindAddress],
    rtc: {
      node_ip: '127.0.0.1',
      use_external_ip: false,
      tcp_port,
      udp_port,
      ...rtc,
    },
    keys: { [apiKey]: apiSecret },
    logging: { level: 'warn' },
  };
  // Not as an argument, because every user of this machine can list arguments.
  const child = spawn(program.file, program.args(ports), {
    env: { ...process.env, LIVEKIT_CONFIG: JSON.stringify(config) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-4000);
  });
  killAfter(child);
  const forget = atExit(() => {
    child.kill('SIGKILL');
    program.cleanUp();
  });
  const stop = async () => {
    forget();
    await end(child);
    program.cleanUp();
  };
  const url = `ws://127.0.0.1:${port}`;
  try {
    await answering(`http://127.0.0.1:${port}`, child);
  } catch (error) {
    await stop();
    const reason = `livekit-server did not start (${String(error)})\n${output}`;
    throw new TestingError('server', reason, HOW_TO_GET_A_SERVER, { cause: error });
  }
  const server: OwnServer = { url, apiKey, apiSecret, pid: child.pid, stop, startAgain };
  async function startAgain(): Promise<OwnServer> {
    const { pid, stop } = await tryToStart(program, ports, rtc, apiSecret);
    return Object.assign(server, { pid, stop });
  }
  return server;
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

async function freePorts(): Promise<ServerPorts> {
  const [http, tcp, udp] = [createServer(), createServer(), createSocket('udp4')];
  const listening = [http, tcp].map((server) => {
    server.listen(0, '127.0.0.1');
    return once(server, 'listening');
  });
  udp.bind(0, '127.0.0.1');
  await Promise.all([...listening, once(udp, 'listening')]);
  const portOf = (socket: { address(): unknown }) => (socket.address() as AddressInfo).port;
  const ports = { port: portOf(http), tcp_port: portOf(tcp), udp_port: portOf(udp) };
  for (const socket of [http, tcp, udp]) socket.close();
  await Promise.all([http, tcp, udp].map((socket) => once(socket, 'close')));
  return ports;
}
