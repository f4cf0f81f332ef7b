import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { SenderLink } from '../../src/inspect/sender-link.ts';

const ends: (() => unknown)[] = [];
beforeEach(() => {
  vi.stubEnv('SIGHTLINE_INSPECT_FILE', join(import.meta.dirname, 'no-inspector-here.json'));
});
afterEach(async () => {
  // The spy on the simulated clock goes first: it would put that clock back.
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllEnvs();
  for (const end of ends.splice(0).reverse()) await end();
});

function linkTo(
  url: string | undefined,
  events: Partial<Record<'onOpen' | 'onClose', () => void>>,
) {
  const link = new SenderLink({
    ...{ url, instance: 'one', name: 'agent', onOpen: () => {}, onWelcome: () => {} },
    ...{ onClose: () => {}, ...events },
  });
  ends.push(() => link.close());
  return link;
}

/** Waits for the check, while the clock stands still. */
async function turnsUntil(check: () => boolean): Promise<void> {
  while (!check()) await new Promise(setImmediate);
}

test('without an inspector, the pauses between the attempts double up to ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const set = vi.spyOn(globalThis, 'setTimeout');
  const link = linkTo(undefined, {});
  for (let attempt = 1; attempt <= 7; attempt++) {
    await turnsUntil(() => vi.getTimerCount() === 1);
    vi.runOnlyPendingTimers();
  }
  await turnsUntil(() => vi.getTimerCount() === 1);
  expect(set.mock.calls.map(([, ms]) => ms)).toEqual([
    ...[500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000],
  ]);
  await link.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a link that is closed while it looks for an inspector makes no attempt', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const link = linkTo(undefined, {});
  await link.close();
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  expect(vi.getTimerCount()).toBe(0);
  expect(link.open).toBe(false);
});

test('a link that is closed while it connects ends that connection', async () => {
  const sockets: Socket[] = [];
  // It accepts connections, and never answers.
  const silent = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
  });
  silent.listen(0, '127.0.0.1');
  ends.push(() => silent.close());
  await once(silent, 'listening');
  const opened = vi.fn();
  const link = linkTo(`ws://127.0.0.1:${(silent.address() as AddressInfo).port}/a`, {
    onOpen: opened,
  });
  await turnsUntil(() => sockets.length === 1);
  const ended = once(sockets[0] as Socket, 'close');
  sockets[0]?.resume();
  await link.close();
  await ended;
  expect(opened).not.toHaveBeenCalled();
});

test('an inspector that does not answer the end of a link is left after two seconds', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  ends.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  let isOpen = false;
  const onOpen = () => {
    isOpen = true;
  };
  const { port } = server.address() as AddressInfo;
  const link = linkTo(`ws://127.0.0.1:${port}/a`, { onOpen });
  const [socket] = await connected;
  await turnsUntil(() => isOpen);
  socket.pause();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const closed = vi.fn();
  const closing = link.close().then(closed);
  vi.advanceTimersByTime(1999);
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(closed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  await closing;
  expect(vi.getTimerCount()).toBe(0);
});
