import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { SenderLink } from '../../src/inspect/sender-link.ts';
import { until } from '../../src/testing/waits.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('each lost connection to an inspector is retried after the same short pause', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  ends.push(() => server.close());
  await once(server, 'listening');
  server.on('connection', (socket) => socket.close());
  const timers = vi.spyOn(globalThis, 'setTimeout');
  ends.push(() => timers.mockRestore());
  let closes = 0;
  /** The pauses that were set when a connection closed. */
  const pauses: unknown[] = [];
  const link = new SenderLink({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ instance: 'one', name: 'agent', onOpen: () => {}, onWelcome: () => {} },
    onClose: () => {
      closes += 1;
      const before = timers.mock.calls.length;
      // The link sets its pause in the same turn.
      queueMicrotask(() => pauses.push(...timers.mock.calls.slice(before).map(([, ms]) => ms)));
    },
  });
  ends.push(() => link.close());
  await until('three connections', () => closes >= 3);
  expect(pauses).toEqual([500, 500, 500]);
});
