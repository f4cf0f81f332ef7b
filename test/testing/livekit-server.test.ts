import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type OwnServer,
  type ServerPorts,
  type ServerProgram,
  startLiveKitServer,
  startServerProgram,
} from '../../src/testing/livekit-server.ts';
import {
  type FakeChild,
  fakeChildren,
  restoreChildren,
} from '../support/processes/fake-children.ts';

interface Config {
  readonly port: number;
  readonly bind_addresses: readonly string[];
  readonly rtc: Readonly<Record<string, unknown>>;
  readonly keys: Readonly<Record<string, string>>;
}

let programs: FakeChild[];
let guards: FakeChild[];
let answering: Server[];
let cleanUps: number;
/** The ports that the program got as arguments. */
let asked: ServerPorts[];
let listeners: number;

const configOf = (program: FakeChild | undefined): Config =>
  JSON.parse(program?.options.env?.LIVEKIT_CONFIG ?? '{}');

/** Whether this is the shell that kills the server if this process is killed. */
const isGuard = ({ program }: FakeChild): boolean => program === 'sh';

/** A server that answers at the port of its settings, and ends at a signal. */
function answer(program: FakeChild): void {
  if (isGuard(program)) return void guards.push(program);
  programs.push(program);
  const server = createServer((_, response) => response.end('OK'));
  answering.push(server);
  server.listen(configOf(program).port, '127.0.0.1');
  program.kill = (signal) => {
    program.signals.push(signal);
    server.closeAllConnections();
    server.close(() => program.end(null, 'SIGKILL'));
    return true;
  };
}

const program: ServerProgram = {
  ...{ file: 'runs-a-server', bindAddress: '0.0.0.0' },
  args: (ports) => {
    asked.push(ports);
    return ['--port', String(ports.port)];
  },
  cleanUp: () => {
    cleanUps += 1;
  },
};

beforeEach(() => {
  [programs, guards, answering, asked, cleanUps] = [[], [], [], [], 0];
  listeners = process.listenerCount('exit');
  fakeChildren(answer);
});
afterEach(() => {
  restoreChildren();
  for (const server of answering) server.close();
  expect(process.listenerCount('exit')).toBe(listeners);
});

test('a server listens on the loopback only, with a key of its own that no argument has', async () => {
  const servers: OwnServer[] = [];
  for (let run = 0; run < 2; run++)
    servers.push(await startLiveKitServer('/bin/livekit-server', { allow_tcp_fallback: false }));
  const [first, second] = servers;
  const config = configOf(programs[0]);
  expect(programs[0]).toMatchObject({ program: '/bin/livekit-server', args: [] });
  expect(config).toMatchObject({
    bind_addresses: ['127.0.0.1'],
    rtc: { node_ip: '127.0.0.1', use_external_ip: false, allow_tcp_fallback: false },
    keys: { devkey: first?.apiSecret },
  });
  expect(new Set([config.port, config.rtc.tcp_port, config.rtc.udp_port]).size).toBe(3);
  expect(first).toMatchObject({
    ...{ url: `ws://127.0.0.1:${config.port}`, apiKey: 'devkey', pid: 4321 },
  });
  expect(first?.apiSecret).toMatch(/^[0-9a-f]{48}$/);
  expect(second?.apiSecret).not.toBe(first?.apiSecret);
  for (const server of servers) await server.stop();
});

test('a server that is stopped is killed and cleaned up, and starts again with its ports and key', async () => {
  const server = await startServerProgram(program);
  expect(programs[0]?.args).toEqual(['--port', String(configOf(programs[0]).port)]);
  expect(configOf(programs[0]).bind_addresses).toEqual(['0.0.0.0']);
  await server.stop();
  expect(programs[0]?.signals).toEqual(['SIGKILL']);
  expect(cleanUps).toBe(1);
  expect(guards.map(({ stdin }) => String(stdin.read()))).toEqual(['\n']);
  const again = await server.startAgain();
  expect(asked[1]).toEqual(asked[0]);
  expect(configOf(programs[1])).toEqual(configOf(programs[0]));
  expect(again).toBe(server);
  await again.stop();
  expect(cleanUps).toBe(2);
});

test('a server that does not start is tried on three sets of ports, and the error has its output', async () => {
  fakeChildren((child) => {
    if (isGuard(child)) return;
    programs.push(child);
    child.stderr.write('the address is in use\n');
    setImmediate(() => child.end(1));
  });
  await expect(startServerProgram(program)).rejects.toMatchObject({
    code: 'testing-server',
    message: expect.stringMatching(/did not start .*ended with code 1.*\nthe address is in use/),
  });
  expect(new Set(asked.map(({ port }) => port)).size).toBe(3);
  expect(cleanUps).toBe(3);
  expect(programs.flatMap(({ signals }) => signals)).toEqual([]);
});
