import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';

/** The service's socket of a connection without a network. Its client answers each ping at once. */
export class MemorySocket extends EventEmitter {
  readyState: number = WebSocket.OPEN;
  /** What the service sent. */
  readonly sent: JsonObject[] = [];
  /** How the service closed it. */
  closedWith: [code: number, reason: string] | undefined;

  send(data: string | Buffer): void {
    this.sent.push(JSON.parse(String(data)));
  }

  ping(mark: string): void {
    queueMicrotask(() => this.emit('pong', Buffer.from(mark)));
  }

  close(code = 1000, reason: string | Buffer = ''): void {
    this.closedWith = [code, String(reason)];
    this.end(code, String(reason));
  }

  terminate(): void {
    this.close(1006);
  }

  pause(): void {}

  resume(): void {}

  /** The connection has ended. */
  end(code: number, reason = ''): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.emit('close', code, Buffer.from(reason));
  }

  /** The client sends this. */
  receive(message: JsonObject | string, isBinary = false): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.emit('message', Buffer.from(text), isBinary);
  }

  /** As the type that a connection takes. */
  asSocket(): WebSocket {
    return this as unknown as WebSocket;
  }
}

/** A client's request for a web socket. */
export const socketRequest = (url: string): IncomingMessage =>
  ({ url, headers: {} }) as IncomingMessage;
