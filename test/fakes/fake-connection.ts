import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { JsonObject } from './json.ts';

export interface ConnectionEnd {
  /** As the client sees it. 1006 is an end without a closing handshake. */
  code: number;
  reason: string;
  by: 'client' | 'service';
}

/** RFC 6455 lets a reason be no longer. */
const LONGEST_REASON = 123;

/**
 * A socket that answers an empty close (1005) with 1000, as the services do. `ws` would echo the
 * absence of a code.
 */
export class ServiceSocket extends WebSocket {
  override close(code = 1000, reason?: string | Buffer): void {
    super.close(code, reason);
  }
}

/** One connection of a client to a fake service; kept after its end. */
export abstract class FakeConnection {
  /** Connections of a service count from 1. */
  readonly id: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly openedAt = Date.now();
  readonly closed: Promise<ConnectionEnd>;
  /** Undefined as long as it is open. */
  end: ConnectionEnd | undefined;
  /** What the service wrote of its own accord, which is the end that counts. */
  #closing: Omit<ConnectionEnd, 'by'> | undefined;
  protected readonly socket: WebSocket;

  constructor(socket: WebSocket, request: IncomingMessage, id: number) {
    this.id = id;
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
      });
    });
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => {
      // Nobody listens any more to who was told to go.
      if (!this.#closing) this.receive(data.toString(), isBinary);
    });
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** A message of the service; nothing happens if the connection is not open. */
  send(message: JsonObject): void {
    if (this.isOpen) this.socket.send(this.encode(message));
  }

  /** Stops reading: what the client sends fills the buffers of both machines, then its own. */
  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  /** Closes with any code; 1005 closes without one, 1006 breaks off without a handshake. */
  close(code = 1000, reason = ''): void {
    if (!this.isOpen) return;
    this.#closing = { code, reason };
    // The answer to a close must be read.
    this.resumeReading();
    if (code === 1006) this.socket.terminate();
    else if (code === 1005) WebSocket.prototype.close.call(this.socket);
    else this.socket.close(code, Buffer.from(reason).subarray(0, LONGEST_REASON));
  }

  protected encode(message: JsonObject): string | Buffer {
    return JSON.stringify(message);
  }

  protected abstract receive(text: string, isBinary: boolean): void;
}
