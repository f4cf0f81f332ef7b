import { vi } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import type { Welcome } from '../../../src/inspect/wire.ts';

type OnPictures = (pictures: readonly string[], socket: WebSocket) => void;

/** Who listens, by the host and port that a socket is connected to. */
const listeners = new Map<string, OnPictures>();

/**
 * Calls back with the pictures of each WebSocket message to this server, in base64, in the tick in
 * which the message leaves this process. `vi.restoreAllMocks` ends it.
 */
export function onSentPictures(url: string, onPictures: OnPictures): void {
  listeners.set(new URL(url).host, onPictures);
  const { send } = WebSocket.prototype;
  if (vi.isMockFunction(send)) return;
  vi.spyOn(WebSocket.prototype, 'send').mockImplementation(function (
    this: WebSocket,
    ...args: unknown[]
  ) {
    // A service's own socket, of the other side, has no address.
    const listener = this.url ? listeners.get(new URL(this.url).host) : undefined;
    // Base64 of a JPEG, which audio is not.
    const pictures = listener && String(args[0]).match(/\/9j\/[\w+/]{100,}=*/g);
    if (pictures) listener(pictures, this);
    return (send as (...all: unknown[]) => void).apply(this, args);
  });
}

/** An inspector that wants pictures, and does nothing with them. */
export async function wantingInspector(): Promise<{ url: string; close(): Promise<void> }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.on('listening', resolve));
  const welcome: Welcome = { type: '@sightline.welcome', version: 1, pixels: true };
  server.on('connection', (socket) => socket.send(JSON.stringify(welcome)));
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    close: () => {
      for (const client of server.clients) client.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
