import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findAddress, tellAddress } from '../../src/inspect/address.ts';
import { createInspector, type Inspector, startInspector } from '../../src/inspect/index.ts';
import { answerTo } from '../../src/inspect/proof.ts';
import { Child, endChildren } from '../../src/testing/processes/child.ts';
import { until, within } from '../../src/testing/waits.ts';

const TOKEN = 'PlantedInspectorToken012';

let dir: string;
let inspector: Inspector | undefined;
let impostor: Server | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-address-'));
});
afterEach(async () => {
  await inspector?.close();
  inspector = undefined;
  impostor?.closeAllConnections();
  impostor?.close();
  impostor = undefined;
  await endChildren();
  await rm(dir, { recursive: true });
});

/** A process that took an inspector's port. It records what it is sent, and answers with this. */
async function takePort(answer: (token: string) => string | undefined, closes = false) {
  const sent: string[] = [];
  const connections = { open: 0 };
  impostor = createServer((request, response) => {
    sent.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    if (closes) response.setHeader('connection', 'close');
    response.end(answer(answerTo(request, TOKEN) ?? ''));
  });
  impostor.on('upgrade', (request, socket) => {
    sent.push(`upgrade ${request.url}`);
    socket.destroy();
  });
  impostor.on('connection', (socket) => {
    connections.open += 1;
    socket.on('close', () => {
      connections.open -= 1;
    });
  });
  // It ends no connection by itself.
  impostor.keepAliveTimeout = 0;
  impostor.listen(0, '127.0.0.1');
  await once(impostor, 'listening');
  return { port: (impostor.address() as AddressInfo).port, sent, connections };
}

test('the address of an inspector that was killed is not found', async () => {
  const file = join(dir, 'inspector.json');
  const child = new Child(['src/cli/main.ts', 'inspect', '--port', '0'], {
    SIGHTLINE_INSPECT_FILE: file,
  });
  await child.line(/Inspector {3}http/);
  expect(await findAddress(file)).toMatchObject({ pid: child.pid });
  child.signal('SIGKILL');
  await child.ended;
  expect(await findAddress(file)).toBeUndefined();
}, 60_000);

test.each([
  ['answers with an empty text', () => ''],
  ['answers with any text', () => 'x'.repeat(43)],
  [
    'answers with the proof of another token',
    () => answerTo({ url: '/proof?nonce=' } as never, 'other'),
  ],
])('a server that took the port and %s gets no token and no event', async (_, answer) => {
  const { port, sent, connections } = await takePort(answer);
  inspector = createInspector({ url: `ws://127.0.0.1:${port}/${TOKEN}/agent`, name: 'kiosk' });
  await until('two attempts', () => sent.length >= 2);
  await until('the end of each connection', () => connections.open === 0);
  for (const request of sent) {
    expect(request).toMatch(/^GET \/proof\?nonce=[\w-]+ /);
    expect(request).not.toContain(TOKEN);
    expect(request).not.toContain('kiosk');
  }
});

test('a process that takes the port right after the proof gets no token, since the connection stays the same', async () => {
  const { port, sent } = await takePort((proof) => proof, true);
  inspector = createInspector({ url: `ws://127.0.0.1:${port}/${TOKEN}/agent` });
  await until('two attempts', () => sent.length >= 2);
  expect(sent.join()).not.toContain(TOKEN);
});

test('an inspector that proves its identity is connected, by its address and by its file', async () => {
  const server = await startInspector();
  inspector = createInspector({ url: server.agentUrl });
  await within('connection', inspector.connected);
  await inspector.close();
  const file = join(dir, 'inspector.json');
  await tellAddress({ pid: process.pid, agentUrl: server.agentUrl }, file);
  expect(await findAddress(file)).toMatchObject({ agentUrl: server.agentUrl });
  await writeFile(file, JSON.stringify({ pid: 2 ** 30, agentUrl: server.agentUrl }));
  expect(await findAddress(file)).toBeUndefined();
  await server.close();
});

test('a proof is given to this machine only, and depends on the token and the question', async () => {
  const server = await startInspector();
  const ask = async (host: string) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.end(
      `GET /proof?nonce=${'n'.repeat(24)} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    let text = '';
    for await (const part of socket) text += String(part);
    return text;
  };
  expect(await ask('evil.example')).toMatch(/^HTTP\/1.1 403/);
  const own = await ask('127.0.0.1');
  expect(own).toMatch(/^HTTP\/1.1 200/);
  expect(own).not.toContain(server.token);
  await server.close();
});

test('a request that does not end is disconnected soon after 10 s', async () => {
  const server = await startInspector();
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
  socket.resume();
  // Node itself checks every 30 s.
  await within('the end', once(socket, 'close'), 20_000);
  await server.close();
}, 40_000);
