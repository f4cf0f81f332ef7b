import WebSocket from 'ws';
import { limitSignal } from '../time-limit.ts';
import { findAddress } from './address.ts';
import { provenConnection, tokenIn } from './proof.ts';
import type { Welcome } from './wire.ts';

export interface SenderLinkOptions {
  /** `undefined`: this user's inspector, looked up for each attempt. */
  url: string | undefined;
  /** Identifies the agent across its connections, for a Sightline inspector. */
  instance: string;
  name: string;
  onOpen: () => void;
  /** Called if it is a Sightline inspector. */
  onWelcome: () => void;
  onClose: () => void;
}

/** Pause between two attempts to connect, in ms: the first and the longest. */
const RETRY_MS = { first: 500, longest: 10_000 } as const;
/** How long the last messages may take to be sent, in ms. */
const FLUSH_MS = 2000;
const HANDSHAKE_MS = 5000;

/** A connection to an inspector that reconnects by itself, and does not keep the process alive. */
export class SenderLink {
  /** The greeting of a Sightline inspector; Stately's sends none. */
  welcome: Welcome | undefined;
  readonly #options: SenderLinkOptions;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs: number = RETRY_MS.first;
  #closed = false;
  readonly #closing = new AbortController();

  constructor(options: SenderLinkOptions) {
    this.#options = options;
    void this.#connect();
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Bytes that are buffered. */
  get waiting(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(text: string): void {
    // `close` reports a broken connection.
    this.#socket?.send(text, () => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.terminate(), FLUSH_MS);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
      else socket.close();
    });
  }

  async #connect(): Promise<void> {
    const { url, instance, name } = this.#options;
    const target = url ?? (await findAddress())?.agentUrl;
    if (this.#closed) return;
    if (target === undefined) {
      this.#retry();
      return;
    }
    const address = new URL(target);
    const token = tokenIn(address);
    const agent = token && (await this.#prove(address, token));
    if (this.#closed || (token && !agent)) {
      if (agent) agent.destroy();
      this.#retry();
      return;
    }
    address.searchParams.set('instance', instance);
    address.searchParams.set('name', name);
    const socket = new WebSocket(address, {
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: 64 * 1024,
      perMessageDeflate: false,
      ...(agent ? { agent } : {}),
    });
    this.#socket = socket;
    socket.on('upgrade', (response) => response.socket.unref());
    socket.on('open', () => {
      this.#retryMs = RETRY_MS.first;
      this.#options.onOpen();
    });
    socket.on('message', (data) => {
      if (this.welcome) return;
      this.welcome = readWelcome(String(data));
      if (this.welcome) this.#options.onWelcome();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.welcome = undefined;
      this.#options.onClose();
      this.#retry();
    });
  }

  #prove(address: URL, token: string): ReturnType<typeof provenConnection> {
    const { signal, clear } = limitSignal(HANDSHAKE_MS);
    const over = AbortSignal.any([signal, this.#closing.signal]);
    return provenConnection(address, token, over).finally(clear);
  }

  #retry(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#connect(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.longest);
  }
}

function readWelcome(text: string): Welcome | undefined {
  try {
    const value = JSON.parse(text) as Partial<Welcome> | null;
    return value?.type === '@sightline.welcome' && value.version === 1
      ? { type: value.type, version: 1, pixels: value.pixels === true }
      : undefined;
  } catch {
    return undefined;
  }
}
