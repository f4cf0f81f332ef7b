import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { TestingError } from '../errors.ts';
import type { FakeConnection } from './fake-connection.ts';
import type { JsonObject } from './json.ts';
import { type LoggedMessage, type ReceivedFrame, ServiceRecord } from './service-record.ts';
import { Arrivals, Gate } from './waiting.ts';
import { type HttpRefusal, WebSocketHost } from './websocket-host.ts';

export interface Listening {
  port: number;
  /** The base URL for a plugin. */
  baseUrl: string;
  /** Origin for a web socket without a plugin. */
  url: string;
}

/** The common part of the fake services: what tests control and inspect. */
export abstract class ModelService<C extends FakeConnection> {
  /** All connections, including closed ones. */
  readonly connections: C[] = [];
  /** Delays or holds the setup that a client waits for. */
  readonly setup = new Gate();
  protected readonly record = new ServiceRecord();
  readonly #newConnection = new Arrivals<C>();
  readonly #host = new WebSocketHost({
    admit: (request) => this.admit(request),
    opened: (socket, request) => this.#opened(socket, request),
  });

  /** Every valid picture, in order. */
  get frames(): readonly ReceivedFrame[] {
    return this.record.frames;
  }

  /** The newest 5000 messages, without audio. */
  get messages(): readonly LoggedMessage[] {
    return this.record.messages;
  }

  /** Everything that the real service would have refused. Empty in a good test. */
  get violations(): readonly string[] {
    return this.record.violations;
  }

  get audio(): Readonly<{ chunks: number; bytes: number }> {
    return this.record.audio;
  }

  /** The newest connection. @throws TestingError if it is not open. */
  get connection(): C {
    const newest = this.connections.at(-1);
    if (newest?.isOpen) return newest;
    throw new TestingError(
      'service',
      'no connection is open',
      'start the agent first, and await `nextConnection()`',
    );
  }

  async listen(): Promise<Listening> {
    await this.#host.listen();
    const { port } = this.#host;
    return { port, baseUrl: this.baseUrl(port), url: `ws://127.0.0.1:${port}` };
  }

  /** Ends connections, timers and waits. */
  async close(): Promise<void> {
    this.setup.end();
    this.#newConnection.end('the fake service was closed');
    this.record.end();
    await this.#host.close();
    await Promise.all(this.connections.map(({ closed }) => closed));
  }

  /** Answers the handshakes of new connections with this refusal; `tcp` stops listening. */
  refuseConnections(refusal: HttpRefusal | 'tcp'): void {
    if (refusal === 'tcp') this.#host.stopListening();
    else this.#host.refusal = refusal;
  }

  /** Accepts new connections again, on the same port. */
  async acceptConnections(): Promise<void> {
    this.#host.refusal = undefined;
    await this.#host.listen();
  }

  /** Closes the newest connection. 1006 closes it without a handshake. */
  closeConnection(code?: number, reason?: string): void {
    this.connection.close(code, reason);
  }

  /** Stops reading from the newest connection. */
  pauseReading(): void {
    this.connection.pauseReading();
  }

  resumeReading(): void {
    this.connection.resumeReading();
  }

  /** The next connection after this call. */
  nextConnection(patienceMs?: number): Promise<C> {
    return this.#newConnection.next('a connection', undefined, patienceMs);
  }

  nextFrame(
    wanted?: (frame: ReceivedFrame) => boolean,
    patienceMs?: number,
  ): Promise<ReceivedFrame> {
    return this.record.newFrame.next('a frame', wanted, patienceMs);
  }

  nextMessage(
    wanted: (message: JsonObject) => boolean = () => true,
    patienceMs?: number,
  ): Promise<LoggedMessage> {
    const isWanted = ({ message }: LoggedMessage) => wanted(message);
    return this.record.newMessage.next('a message', isWanted, patienceMs);
  }

  nextViolation(patienceMs?: number): Promise<string> {
    return this.record.newViolation.next('a violation', undefined, patienceMs);
  }

  /** Resolves when the condition holds. It is checked at each event of this service. */
  async until(condition: () => boolean, what = 'a condition', patienceMs?: number): Promise<void> {
    if (!condition()) await this.record.changed.next(what, condition, patienceMs);
  }

  protected abstract baseUrl(port: number): string;

  protected abstract connect(socket: WebSocket, request: IncomingMessage, id: number): C;

  /** Accepts or refuses a handshake. */
  protected async admit(_request: IncomingMessage): Promise<HttpRefusal | undefined> {
    return undefined;
  }

  #opened(socket: WebSocket, request: IncomingMessage): void {
    const connection = this.connect(socket, request, this.connections.length + 1);
    this.connections.push(connection);
    this.#newConnection.arrived(connection);
    this.record.changed.arrived();
  }
}
