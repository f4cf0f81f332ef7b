import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request to a provider's API. */
export interface Call {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** An error response of the API. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A provider's API on loopback that refuses everything that the real one refuses. */
export class StrictServer {
  /** Reasons of the refused calls, oldest first. */
  readonly refusals: string[] = [];
  readonly #server = createServer();
  readonly #answer: (call: Call) => Promise<unknown>;

  /** @param answer - Returns the JSON response, or throws a `Refusal`. */
  constructor(answer: (call: Call) => Promise<unknown>) {
    this.#answer = answer;
  }

  /** Starts to listen. @returns the address */
  async open(): Promise<string> {
    this.#server.on('request', async (request, response) => {
      const { method = '', url = '', headers } = request;
      const call = { method, path: url, headers, body: json(await text(request)) };
      await this.#respond(call, response);
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    // Ends unanswered calls too.
    this.#server.closeAllConnections();
    await closed;
  }

  async #respond(call: Call, response: ServerResponse): Promise<void> {
    let [status, body] = [200, {} as unknown];
    try {
      body = await this.#answer(call);
    } catch (error) {
      status = error instanceof Refusal ? error.status : 500;
      this.refusals.push(`${status} ${String(error)}`);
      body = { error: String(error) };
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
