import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { SessionStore } from '../../src/inspect/session-store.ts';
import { Viewer } from '../../src/inspect/viewer.ts';

test('a page that is closed leaves no listener at the sessions', () => {
  const store = new SessionStore({ events: 10, bytes: 10_000 });
  const session = store.connect('agent', 'one');
  let listeners = 0;
  for (const source of [store, session]) {
    const onChange = source?.onChange.bind(source);
    Object.assign(source ?? {}, {
      onChange(listener: () => void) {
        const stop = onChange?.(listener);
        listeners += 1;
        return () => {
          stop?.();
          listeners -= 1;
        };
      },
    });
  }
  const socket = Object.assign(new EventEmitter(), {
    ...{ readyState: WebSocket.OPEN, bufferedAmount: 0, send: () => {} },
  });
  const hello = { type: 'hello', charts: [], pixels: false, maxEvents: 10, maxBytes: 10_000 };
  new Viewer(socket as unknown as WebSocket, store, hello as never);
  socket.emit('message', JSON.stringify({ watch: session?.id }));
  expect(listeners).toBe(2);
  socket.emit('close');
  expect(listeners).toBe(0);
});
