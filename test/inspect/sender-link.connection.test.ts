import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { SenderLink } from '../../src/inspect/sender-link.ts';
import { until } from '../../src/testing/waits.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** An inspector, the link to it, and what both of them heard. */
async function stage() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  ends.push(() => server.close());
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>;
  const heard: string[] = [];
  const link = new SenderLink({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/agent`,
    ...{ instance: 'one', name: 'my agent' },
    onOpen: () => heard.push('open'),
    onWelcome: () => heard.push('welcome'),
    onClose: () => heard.push('close'),
  });
  ends.push(() => link.close());
  expect([link.open, link.waiting]).toEqual([false, 0]);
  const [socket, request] = await connected;
  await until('the connection', () => link.open);
  return { server, link, heard, socket, request };
}

test('an agent names itself to its inspector, and sends its messages', async () => {
  const { link, heard, socket, request } = await stage();
  const { searchParams, pathname } = new URL(request.url ?? '', 'ws://127.0.0.1');
  expect([pathname, ...searchParams]).toEqual([
    ...['/agent', ['instance', 'one'], ['name', 'my agent']],
  ]);
  const message = once(socket, 'message');
  link.send('hello');
  expect(String((await message)[0])).toBe('hello');
  expect(heard).toEqual(['open']);
});

test('the first valid greeting counts, and is forgotten with the connection', async () => {
  const { link, heard, socket } = await stage();
  const greetings = [
    ...['no JSON', 'null', '{"type":"@sightline.welcome","version":2}', '{"version":1}'],
    '{"type":"@sightline.welcome","version":1,"pixels":"yes","more":1}',
    '{"type":"@sightline.welcome","version":1,"pixels":true}',
  ];
  for (const greeting of greetings) socket.send(greeting);
  const answered = once(socket, 'pong');
  socket.ping();
  await answered;
  expect(link.welcome).toEqual({ type: '@sightline.welcome', version: 1, pixels: false });
  expect(heard).toEqual(['open', 'welcome']);
  socket.close();
  await until('the end', () => heard.length === 3);
  expect(heard[2]).toBe('close');
  expect(link.welcome).toBeUndefined();
  expect(link.open).toBe(false);
});

test('a link that is closed sends what it has, and does not connect again', async () => {
  const { server, link, socket } = await stage();
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(String(data)));
  for (let n = 0; n < 20; n++) link.send(String(n));
  const closed = once(socket, 'close');
  await link.close();
  await closed;
  expect(messages).toHaveLength(20);
  expect(server.clients.size).toBe(0);
  await link.close();
  // After its end, what is sent is dropped.
  expect(() => link.send('late')).not.toThrow();
});
