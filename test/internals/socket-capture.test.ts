import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { captureNextSocket } from '../../src/internals/socket-capture.ts';

/** What is looked for in a socket of `ws`. */
class Socket extends EventEmitter {
  readonly readyState = 0;
  terminate(): void {}
}

test('node:events is changed only while the next socket is awaited', () => {
  const { on, once } = EventEmitter.prototype;
  const sockets: unknown[] = [];
  const stop = captureNextSocket((socket) => sockets.push(socket));
  expect(EventEmitter.prototype.on).not.toBe(on);
  stop();
  expect([EventEmitter.prototype.on, EventEmitter.prototype.once]).toEqual([on, once]);
  captureNextSocket((socket) => sockets.push(socket));
  new EventEmitter().on('open', () => {});
  const socket = new Socket();
  socket.on('open', () => {});
  new Socket().on('open', () => {});
  expect(sockets).toEqual([socket]);
  expect([EventEmitter.prototype.on, EventEmitter.prototype.once]).toEqual([on, once]);
});
