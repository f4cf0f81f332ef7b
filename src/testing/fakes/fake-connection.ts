import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { JsonObject } from './json.ts';

export interface ConnectionEnd {
  /** The code that the client sees. 1006 is an end without a closing handshake. */
  code: number;
  reason: string;
  by: 'client' | 'service';
}

/** Longest close reason in RFC 6455, in bytes. */
const LONGEST_REASON = 123;

/**
 * A socket that answers a close without a code (1005) with 1000, as the services do. `ws` would
 * answer without a code.
 */
export class ServiceSocket extends WebSocket {
  override close(code = 1000, reason?: string | Buffer): void {
    super.close(code, reason);
  }
}

/** One connection of a client to a fake service. It is kept after its end. */
export abstract class FakeConnection {
  /** Connections of a service count from 1. */
  readonly id: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly openedAt = Date.now();
  readonly closed: Promise<ConnectionEnd>;
  /** `undefined` while it is open. */
  end: ConnectionEnd | undefined;
  protected readonly socket: WebSocket;
  readonly #changed: () => void;
  #pings = 0;
  /** The close that the service itself sent. It takes precedence over the socket's report. */
  #closing: Omit<ConnectionEnd, 'by'> | undefined;

  /** @param changed - Called after every possible change of this connection. */
  constructor(socket: WebSocket, request: IncomingMessage, id: number, changed: () => void) {
    this.id = id;
    this.#changed = changed;
    this.socket = socket;
    this.path = request.url ?? '';
    this.headers = request.headers;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        const ours = this.#closing;
        this.end = ours
          ? { ...ours, by: 'service' }
          : { code: code === 1005 ? 1000 : code, reason: reason.toString(), by: 'client' };
        resolve(this.end);
        changed();
      });
    });
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => {
      // Messages that arrive after the service's close are ignored.
      if (this.#closing) return;
      this.receive(data.toString(), isBinary);
      changed();
    });
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Sends a message of the service. Does nothing if the connection is not open. */
  send(message: JsonObject): void {
    if (!this.isOpen) return;
    this.socket.send(this.encode(message));
    this.#changed();
  }

  /** Stops reading, so that the client's messages fill the network buffers, then its own. */
  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  /** Closes with any code. 1005 closes without a code, 1006 without a closing handshake. */
  close(code = 1000, reason = ''): void {
    if (!this.isOpen) return;
    this.#closing = { code, reason };
    // The client's answer to the close has to be read.
    this.resumeReading();
    if (code === 1006) this.socket.terminate();
    else if (code === 1005) WebSocket.prototype.close.call(this.socket);
    else this.socket.close(code, Buffer.from(reason).subarray(0, LONGEST_REASON));
  }

  /** Resolves when the client has received everything sent so far. Never resolves after a close. */
  roundTrip(): Promise<void> {
    this.#pings += 1;
    const mark = String(this.#pings);
    return new Promise((resolve) => {
      const heard = (data: Buffer) => {
        if (data.toString() !== mark) return;
        this.socket.off('pong', heard);
        resolve();
      };
      this.socket.on('pong', heard);
      if (this.isOpen) this.socket.ping(mark);
    });
  }

  /** Resolves when the client had time to answer everything sent so far. */
  async reaction(): Promise<void> {
    // The client sends its first pong before it answers the messages that arrived with the ping.
    await this.roundTrip();
    await this.roundTrip();
  }

  protected encode(message: JsonObject): string | Buffer {
    return JSON.stringify(message);
  }

  protected abstract receive(text: string, isBinary: boolean): void;
}
