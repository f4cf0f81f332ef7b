import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Welcome, WirePicture } from '../../inspect/wire.ts';

/** An inspector that requests pictures, and keeps each one that it gets. */
export class StoryInspector {
  readonly pictures: Uint8Array[] = [];
  /** Resolves when the agent is connected. */
  readonly connected: Promise<unknown>;
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.connected = once(server, 'connection');
    const welcome: Welcome = { type: '@sightline.welcome', version: 1, pixels: true };
    server.on('connection', (socket) => {
      socket.send(JSON.stringify(welcome));
      socket.on('message', (text) => {
        const { type, data } = JSON.parse(String(text)) as Partial<WirePicture>;
        if (type === '@sightline.picture' && data) this.pictures.push(Buffer.from(data, 'base64'));
      });
    });
  }

  static async start(): Promise<StoryInspector> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new StoryInspector(server);
  }

  /** The value for the option `inspect`. */
  get option() {
    const { port } = this.#server.address() as AddressInfo;
    return { url: `ws://127.0.0.1:${port}`, pixels: true } as const;
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
