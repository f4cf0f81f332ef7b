import { once } from 'node:events';
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { ServiceSocket } from './fake-connection.ts';

/** The answer to a refused web socket request. */
export interface HttpRefusal {
  status: number;
  body?: string;
}

export interface HostHandlers {
  /** Accepts or refuses a request. The handshake waits for it. */
  admit(request: IncomingMessage): Promise<HttpRefusal | undefined>;
  opened(socket: WebSocket, request: IncomingMessage): void;
}

/** A web socket server on a free loopback port, which can also refuse. */
export class WebSocketHost {
  readonly #http = createServer((_request, response) => response.writeHead(426).end());
  readonly #sockets = new WebSocketServer({
    noServer: true,
    WebSocket: ServiceSocket,
    maxPayload: 128 * 1024 * 1024,
  });
  /** Every socket, including those before the handshake. */
  readonly #streams = new Set<Duplex>();
  readonly #handlers: HostHandlers;
  #port = 0;
  /** While set, each request gets it. */
  refusal: HttpRefusal | undefined;

  constructor(handlers: HostHandlers) {
    this.#handlers = handlers;
    this.#http.on('connection', (socket) => {
      this.#streams.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#streams.delete(socket));
    });
    this.#http.on('upgrade', (request, socket, head) => {
      void this.#upgrade(request, socket, head);
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Listens on a free port, or after {@link stopListening} on the same one again. */
  async listen(): Promise<void> {
    if (this.#http.listening) return;
    this.#http.listen(this.#port, '127.0.0.1');
    await once(this.#http, 'listening');
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  /** The operating system refuses new connections. Open ones stay. */
  stopListening(): void {
    if (this.#http.listening) this.#http.close();
  }

  /** Ends all connections without a handshake. */
  async close(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      if (this.#http.listening) this.#http.close(() => resolve());
      else resolve();
    });
    for (const stream of this.#streams) stream.destroy();
    this.#sockets.close();
    await stopped;
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const refusal = this.refusal ?? (await this.#handlers.admit(request));
    if (socket.destroyed) return;
    if (refusal) refuse(socket, refusal);
    else {
      this.#sockets.handleUpgrade(request, socket, head, (upgraded) => {
        this.#handlers.opened(upgraded, request);
      });
    }
  }
}

function refuse(socket: Duplex, { status, body = '' }: HttpRefusal): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
