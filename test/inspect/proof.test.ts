import { once } from 'node:events';
import { type Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { answerTo, provenConnection, tokenIn } from '../../src/inspect/proof.ts';

const TOKEN = 'PlantedInspectorToken012';

let server: Server | undefined;
let agent: Agent | undefined;
afterEach(() => {
  agent?.destroy();
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers each request so. */
async function serve(answer: (asked: IncomingMessage) => string | undefined) {
  const asked: string[] = [];
  const connections = new Set<unknown>();
  server = createServer((message, response) => {
    asked.push(message.url ?? '');
    connections.add(message.socket);
    response.end(answer(message));
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const prove = async (signal = new AbortController().signal) => {
    agent = await provenConnection(new URL(`ws://127.0.0.1:${port}/`), TOKEN, signal);
    return agent;
  };
  return { asked, connections, port, prove };
}

const ask = (url: string | undefined, token = TOKEN) => answerTo({ url } as IncomingMessage, token);

test('a proof depends on the token and on the nonce, and reveals neither', () => {
  const nonce = 'n'.repeat(24);
  const proof = ask(`/proof?nonce=${nonce}`);
  expect(proof).toMatch(/^[\w-]{43}$/);
  expect(ask(`/proof?nonce=${nonce}`)).toBe(proof);
  expect(ask(`/proof?nonce=${nonce}`, 'another token')).not.toBe(proof);
  expect(ask(`/proof?nonce=${'m'.repeat(24)}`)).not.toBe(proof);
});

test.each([
  [undefined],
  ['/'],
  ['/proof'],
  [`/proof?nonce=${'n'.repeat(21)}`],
  [`/proof?nonce=${'n'.repeat(65)}`],
  [`/proof?nonce=${'n'.repeat(24)}&more`],
  [`/x/proof?nonce=${'n'.repeat(24)}`],
])('a request for %s gets no proof', (url) => {
  expect(ask(url)).toBeUndefined();
});

test('a nonce has 22 to 64 characters', () => {
  for (const length of [22, 64]) expect(ask(`/proof?nonce=${'n'.repeat(length)}`)).toBeDefined();
});

test.each([
  [`ws://127.0.0.1:9000/${TOKEN}/agent`, TOKEN],
  [`ws://localhost:9000/${TOKEN}/agent`, TOKEN],
  [`ws://[::1]:9000/${TOKEN}/agent`, TOKEN],
  [`wss://127.0.0.1:9000/${TOKEN}/agent`, undefined],
  [`ws://example.com:9000/${TOKEN}/agent`, undefined],
  [`ws://127.0.0.1.example.com:9000/${TOKEN}/agent`, undefined],
  [`ws://127.0.0.1:9000/${TOKEN}/page`, undefined],
  [`ws://127.0.0.1:9000/${TOKEN}x/agent`, undefined],
  ['ws://127.0.0.1:9000/', undefined],
])('the token of %s is %s', (url, token) => {
  expect(tokenIn(new URL(url))).toBe(token);
});

test('a proven connection is the only one that its agent uses', async () => {
  const { asked, connections, port, prove } = await serve((message) => answerTo(message, TOKEN));
  const proven = await prove();
  const get = () =>
    new Promise<string>((resolve) => {
      const next = request({ agent: proven, host: '127.0.0.1', port }, (response) => {
        response.resume();
        response.on('end', () => resolve('answered'));
      });
      next.on('error', ({ message }) => resolve(message));
      next.end();
    });
  expect(await get()).toBe('answered');
  expect(connections.size).toBe(1);
  expect(asked[0]).toMatch(/^\/proof\?nonce=[\w-]{24}$/);
  server?.closeAllConnections();
  // The client learns of the end with its next attempt, which gets no new connection.
  expect(await get()).not.toBe('answered');
  expect(await get()).toBe('the inspector hung up');
  expect(connections.size).toBe(1);
});

test('each connection asks for another proof', async () => {
  const { asked, prove } = await serve(() => '');
  await prove();
  await prove();
  expect(new Set(asked).size).toBe(2);
});

test.each([
  ['nothing', () => undefined],
  ['a proof of another token', (message: IncomingMessage) => answerTo(message, 'other')],
  ['a text after the proof', (message: IncomingMessage) => `${answerTo(message, TOKEN)}x`],
  ['a text without an end', () => 'x'.repeat(10_000_000)],
])('a server that answers with %s is not used, and its connection is closed', async (_, answer) => {
  const { prove } = await serve(answer);
  const closed = new Promise((resolve) => {
    server?.once('connection', (socket) => socket.once('close', resolve));
  });
  expect(await prove()).toBeUndefined();
  await closed;
});

test('without a server, or after an abort, there is no connection', async () => {
  const { prove } = await serve(() => '');
  expect(await prove(AbortSignal.abort())).toBeUndefined();
  server?.close();
  expect(await prove()).toBeUndefined();
});
