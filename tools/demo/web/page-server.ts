import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { grant, isOwnOrigin, REQUEST_LIMITS } from '../../../src/inspect/access.ts';
import type { PageFiles } from './page-files.ts';
import type { Ticket } from './tickets.ts';

/** Serves the page and its tickets. */
export interface PageServer {
  /** The page, token included: everyone with this address can talk to the agent. */
  readonly url: string;
  close(): Promise<void>;
}

export interface PageServerOptions {
  files: PageFiles;
  /** The server that the page connects to. */
  livekitUrl: string;
  makeTicket(): Promise<Ticket>;
  /** `0` is any free port. */
  port?: number;
}

/** Headers of a request, in bytes. A body is never needed. */
const MAX_HEADERS = 16 * 1024;
/**
 * Each ticket is a room with an agent. The limit keeps a page that joins in a loop from filling the
 * machine.
 */
const TICKETS_PER_MINUTE = 30;

type Refusal = readonly [status: number, text: string];

/** Listens on 127.0.0.1 only, and serves clients with the address. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const server = new Server(options);
  await server.listen(options.port ?? 0);
  return server;
}

class Server implements PageServer {
  readonly #token = randomBytes(18).toString('base64url');
  readonly #options: PageServerOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #http = createServer(
    { maxHeaderSize: MAX_HEADERS, ...REQUEST_LIMITS },
    (request, response) => {
      this.#serve(request, response).catch(() => this.#refuse(response, [500, 'something failed']));
    },
  );
  /** When the tickets of the last minute were made. */
  #made: number[] = [];

  constructor(options: PageServerOptions) {
    this.#options = options;
    this.#headers = safeHeaders(options.livekitUrl);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/${this.#token}/`;
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

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const granted = grant(request, this.#token);
    if (!granted) return this.#refuse(response, [403, 'open the address that the demo printed']);
    if (hasBody(request)) return this.#refuse(response, [413, 'no body, please']);
    if (granted.path === 'ticket') return this.#ticket(request, response);
    const file = this.#options.files.get(granted.path);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return this.#refuse(response, [405, 'only GET']);
    if (!file) return this.#refuse(response, [404, 'not here']);
    response.writeHead(200, { ...this.#headers, 'content-type': file.type });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  }

  async #ticket(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return this.#refuse(response, [405, 'only POST']);
    // A page of another site can send a request, but with its own origin.
    if (!isOwnOrigin(request))
      return this.#refuse(response, [403, 'only pages of this server get a ticket']);
    const now = Date.now();
    this.#made = this.#made.filter((at) => now - at < 60_000);
    if (this.#made.length >= TICKETS_PER_MINUTE)
      return this.#refuse(response, [429, 'too many visits: wait a minute']);
    this.#made.push(now);
    const ticket = await this.#options.makeTicket().catch(() => undefined);
    if (!ticket) return this.#refuse(response, [502, 'the LiveKit server does not answer']);
    response.writeHead(200, { ...this.#headers, 'content-type': 'application/json' });
    response.end(JSON.stringify(ticket));
  }

  #refuse(response: ServerResponse, [status, text]: Refusal): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.writeHead(status, {
      ...this.#headers,
      'content-type': 'text/plain; charset=utf-8',
      connection: 'close',
    });
    response.end(`${text}\n`);
  }
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  (headers['content-length'] ?? '0') !== '0' || 'transfer-encoding' in headers;

/** The page loads nothing of other sites, connects to one server, and cannot be framed. */
function safeHeaders(livekitUrl: string): Record<string, string> {
  const { host, protocol } = new URL(livekitUrl);
  const s = protocol === 'wss:' || protocol === 'https:' ? 's' : '';
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      // Pictures that the agent sent.
      "img-src 'self' blob: data:",
      "media-src 'self' blob: mediastream:",
      // The signal socket, and the request for the reason of a refusal.
      `connect-src 'self' ws${s}://${host} http${s}://${host}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'permissions-policy': 'camera=(self), display-capture=(self), microphone=(self)',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
  };
}
