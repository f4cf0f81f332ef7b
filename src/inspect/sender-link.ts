import WebSocket from 'ws';
import { findAddress } from './address.ts';
import { provenConnection, tokenIn } from './proof.ts';
import type { Welcome } from './wire.ts';

export interface SenderLinkOptions {
  /** `undefined`: the inspector of this user, looked for each time. */
  url: string | undefined;
  /** Tells an inspector of ours that a connection goes on with an earlier one. */
  instance: string;
  name: string;
  onOpen: () => void;
  /** It is an inspector of ours. */
  onWelcome: () => void;
  onClose: () => void;
}

/** Waits between two tries to connect, in ms: the first, and the longest. */
const RETRY_MS = { first: 500, longest: 10_000 } as const;
/** How long the last messages may take to go, in ms. */
const FLUSH_MS = 2000;
const HANDSHAKE_MS = 5000;

/** A connection to an inspector that comes back by itself, and keeps no process alive. */
export class SenderLink {
  /** What an inspector of ours said; Stately's says nothing. */
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

  /** Bytes that wait to be sent. */
  get waiting(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(text: string): void {
    // A connection that breaks is told by its `close`.
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
    const limit = AbortSignal.timeout(HANDSHAKE_MS);
    return provenConnection(address, token, AbortSignal.any([limit, this.#closing.signal]));
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
