import { type ClientOptions, WebSocket } from 'ws';
import { type JsonObject, parseObject } from '../../../src/testing/fakes/json.ts';
import { Arrivals } from '../../../src/testing/fakes/waiting.ts';

/** A web socket client that sends whatever a test needs. */
export class RawClient {
  readonly socket: WebSocket;
  /** All messages of the service. */
  readonly received: JsonObject[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #arrivals = new Arrivals<JsonObject>();

  private constructor(url: string, options: ClientOptions) {
    this.socket = new WebSocket(url, options);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => {
        this.#arrivals.end(`closed with ${code} ${reason.toString()}`);
        resolve({ code, reason: reason.toString() });
      });
    });
    this.socket.on('message', (data) => {
      const message = parseObject(data.toString()) ?? {};
      this.received.push(message);
      this.#arrivals.arrived(message);
    });
  }

  /** Rejects if the handshake is refused. */
  static async connect(url: string, headers: Record<string, string> = {}): Promise<RawClient> {
    const client = new RawClient(url, { headers });
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', resolve);
      client.socket.on('error', reject);
    });
    return client;
  }

  send(message: JsonObject | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message that `wanted` accepts, already received or still to come. */
  async message(what: string, wanted: (message: JsonObject) => boolean): Promise<JsonObject> {
    return this.received.find(wanted) ?? (await this.#arrivals.next(what, wanted));
  }

  /** The first message of this type (OpenAI) or with this field (Gemini). */
  got(name: string): Promise<JsonObject> {
    return this.message(name, (message) => message.type === name || message[name] !== undefined);
  }
}
