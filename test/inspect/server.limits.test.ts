import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { type InspectorServer, startInspector } from '../../src/inspect/index.ts';
import { within } from '../../src/testing/waits.ts';
import { actorMessage, connectRaw, refusal, TestViewer } from '../support/inspect.ts';

let server: InspectorServer;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  server = await startInspector();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await server.close();
});

async function agent(query = ''): Promise<WebSocket> {
  const socket = await connectRaw(`${server.agentUrl}${query}`);
  sockets.push(socket);
  return socket;
}

test('an agent is greeted, and its binary messages count as invalid', async () => {
  const socket = new WebSocket(`${server.agentUrl}?name=${'n'.repeat(100)}`);
  sockets.push(socket);
  const greetings: unknown[] = [];
  socket.on('message', (data) => greetings.push(JSON.parse(String(data))));
  await within('connection', once(socket, 'open'));
  const message = JSON.stringify(actorMessage('x:0'));
  socket.send(Buffer.from(message), { binary: true });
  socket.send(message);
  const viewer = await TestViewer.open(server);
  await viewer.until('the valid message', ({ sessions }) => sessions[0]?.events === 1);
  expect(viewer.sessions).toMatchObject([{ name: 'n'.repeat(80), refused: 1, connected: true }]);
  const closed = once(socket, 'close');
  socket.close();
  await within('the end of the connection', closed);
  expect(greetings).toEqual([{ type: '@sightline.welcome', version: 1, pixels: false }]);
  await viewer.until('the end of the agent', ({ sessions }) => !sessions[0]?.connected);
  viewer.close();
});

test('an agent beyond 32 at a time is sent away, and another can come when one has left', async () => {
  for (let count = 0; count < 32; count++) await agent();
  const late = await agent();
  const [code] = await within('the end', once(late, 'close'));
  expect(code).toBe(1013);
  sockets[0]?.close();
  const viewer = await TestViewer.open(server);
  await viewer.until('a free place', ({ sessions }) => sessions.some((one) => !one.connected));
  const next = await agent('?name=next');
  await viewer.until('the next agent', ({ sessions }) =>
    sessions.some(({ name, connected }) => name === 'next' && connected),
  );
  expect(next.readyState).toBe(WebSocket.OPEN);
  viewer.close();
});

test('a page beyond 16 at a time is refused', async () => {
  const { origin } = new URL(server.url);
  const view = server.agentUrl.replace('/agent', '/view');
  for (let count = 0; count < 16; count++) sockets.push(await connectRaw(view, origin));
  expect(await refusal(view, { origin })).toBe(503);
});

test('a close of the inspector ends its agents and pages', async () => {
  const { url } = server;
  const { origin } = new URL(url);
  const view = await connectRaw(server.agentUrl.replace('/agent', '/view'), origin);
  const closed = [once(await agent(), 'close'), once(view, 'close')];
  await server.close();
  await within('their ends', Promise.all(closed));
  await expect(fetch(url)).rejects.toThrow();
});
