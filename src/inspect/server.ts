import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { INSPECTOR_SERVER } from '../defaults.ts';
import { filled } from '../option-table.ts';
import { grant, isForThisMachine, isLocalOrigin, isOwnOrigin, REQUEST_LIMITS } from './access.ts';
import { type Assets, chartsIn, readAssets } from './assets.ts';
import type { RingLimits } from './event-ring.ts';
import { parseWire } from './parse.ts';
import { answerTo } from './proof.ts';
import type { Recording } from './recording.ts';
import { SessionStore } from './session-store.ts';
import { Viewer } from './viewer.ts';
import { MAX_MESSAGE_BYTES, type Welcome } from './wire.ts';

export interface InspectorServerOptions {
  /**
   * The port, on loopback only; `0` selects a free one.
   * @defaultValue 0
   */
  port?: number;
  /**
   * Whether agents may send the pictures that their models get.
   * @defaultValue false
   */
  pixels?: boolean;
  /**
   * Events that are kept for each session.
   * @defaultValue 20000
   */
  maxEvents?: number;
  /**
   * Memory for the events of each session, in bytes.
   * @defaultValue 33554432
   */
  maxBytes?: number;
}

/** A running inspector. */
export interface InspectorServer {
  /** URL of the page, including the token. */
  readonly url: string;
  /** URL for agents, including the token. */
  readonly agentUrl: string;
  readonly port: number;
  readonly token: string;
  /** Shows a recording next to the live sessions. */
  load(recording: Recording): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Largest headers of a request, and largest message of a page, in bytes. Bodies are refused. */
const MAX_REQUEST = 16 * 1024;
const MAX_VIEWERS = 16;
const MAX_AGENTS = 64;
/** Invalid messages of an agent before it is disconnected. */
const MAX_REFUSED = 1000;

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/**
 * Serves the live inspector on 127.0.0.1: the page, and the endpoint for agents. Requests without
 * the token are refused.
 * @throws OptionError
 */
export async function startInspector(
  options: InspectorServerOptions = {},
): Promise<InspectorServer> {
  const { port, pixels, maxEvents, maxBytes } = filled('inspect', options, INSPECTOR_SERVER);
  const server = new Server({ events: maxEvents, bytes: maxBytes }, pixels);
  await server.listen(port);
  return server;
}

class Server implements InspectorServer {
  readonly token = randomBytes(18).toString('base64url');
  readonly #assets: Assets = readAssets();
  readonly #store: SessionStore;
  readonly #limits: RingLimits;
  readonly #pixels: boolean;
  readonly #http = createServer(
    { maxHeaderSize: MAX_REQUEST, ...REQUEST_LIMITS },
    (request, response) => this.#serve(request, response),
  );
  readonly #agents = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  readonly #viewers = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_REQUEST,
    perMessageDeflate: false,
  });

  constructor(limits: RingLimits, pixels: boolean) {
    this.#limits = limits;
    this.#pixels = pixels;
    this.#store = new SessionStore(limits);
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/${this.token}/`;
  }

  get agentUrl(): string {
    return `ws://127.0.0.1:${this.port}/${this.token}/agent`;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, '127.0.0.1', () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
  }

  load(recording: Recording): void {
    this.#store.load(recording);
  }

  async close(): Promise<void> {
    for (const client of [...this.#agents.clients, ...this.#viewers.clients]) client.terminate();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const refusal = whyRefused(request);
    const proof = refusal || !isForThisMachine(request) ? undefined : answerTo(request, this.token);
    if (proof !== undefined) {
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/plain' });
      response.end(proof);
      return;
    }
    const granted = refusal ? undefined : grant(request, this.token);
    const asset = granted && this.#assets.get(granted.path);
    if (asset) {
      response.writeHead(200, { ...HEADERS, 'content-type': asset.type });
      response.end(request.method === 'HEAD' ? undefined : asset.body);
      return;
    }
    const [status, text] =
      refusal ??
      (granted
        ? [404, 'not here']
        : [403, 'open the address that `npx sightline inspect` printed']);
    response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain', connection: 'close' });
    response.end(`${text}\n`);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const refuse = (status: string) =>
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    const granted = grant(request, this.token);
    const path = granted?.path;
    if (granted && path === 'agent' && isLocalOrigin(request)) {
      if (this.#agents.clients.size >= MAX_AGENTS) refuse('503 Service Unavailable');
      else
        this.#agents.handleUpgrade(request, socket, head, (client) =>
          this.#agent(client, granted.query),
        );
    } else if (granted && path === 'view' && isOwnOrigin(request)) {
      if (this.#viewers.clients.size >= MAX_VIEWERS) refuse('503 Service Unavailable');
      else this.#viewers.handleUpgrade(request, socket, head, (client) => this.#viewer(client));
    } else refuse('403 Forbidden');
  }

  #agent(socket: WebSocket, query: URLSearchParams): void {
    const name = (query.get('name') ?? 'agent').slice(0, 80);
    const instance = query.get('instance')?.slice(0, 80);
    const session = this.#store.connect(name, instance);
    socket.on('error', () => {});
    // All kept sessions are live, so there is no space for a new one.
    if (!session) {
      socket.close(1013);
      return;
    }
    let refused = 0;
    socket.on('message', (data, isBinary) => {
      const event = isBinary ? undefined : parseWire(String(data));
      if (event && (event.type !== '@sightline.picture' || this.#pixels)) session.add(event);
      else {
        session.refused++;
        if (++refused > MAX_REFUSED) socket.close(1008);
      }
    });
    socket.on('close', () => {
      session.connected = false;
      this.#store.changed();
    });
    socket.send(
      JSON.stringify({
        type: '@sightline.welcome',
        version: 1,
        pixels: this.#pixels,
      } satisfies Welcome),
    );
  }

  #viewer(socket: WebSocket): void {
    new Viewer(socket, this.#store, {
      type: 'hello',
      charts: chartsIn(this.#assets),
      pixels: this.#pixels,
      maxEvents: this.#limits.events,
      maxBytes: this.#limits.bytes,
    });
  }
}

/** The page's requests are a line with some headers; anything more is refused. */
function whyRefused({ method, headers }: IncomingMessage): [number, string] | undefined {
  if (method !== 'GET' && method !== 'HEAD') return [405, 'only GET'];
  if (Number(headers['content-length'] ?? 0) > 0 || 'transfer-encoding' in headers)
    return [413, 'no body, please'];
  return undefined;
}
