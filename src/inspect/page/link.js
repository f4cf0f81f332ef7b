/** @import { ViewMessage } from '../view.ts' */

/** Delay between two attempts, in ms. */
const RETRY_MS = 1000;

/** The connection to the inspector's server. It reconnects by itself. */
export class Link {
  /** @type {WebSocket | undefined} */
  #socket;
  #onMessage;
  #onState;

  /**
   * @param {(message: ViewMessage, length: number) => void} onMessage
   * @param {(state: 'connected' | 'disconnected') => void} onState
   */
  constructor(onMessage, onState) {
    this.#onMessage = onMessage;
    this.#onState = onState;
    this.#connect();
  }

  /** @param {string} session */
  watch(session) {
    if (this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify({ watch: session }));
  }

  #connect() {
    // The address of the page contains the token, so this one does too.
    const address = new URL('view', location.href);
    address.protocol = 'ws:';
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => this.#onState('connected');
    socket.onmessage = ({ data }) => this.#onMessage(JSON.parse(String(data)), String(data).length);
    socket.onclose = () => {
      this.#onState('disconnected');
      setTimeout(() => this.#connect(), RETRY_MS);
    };
  }
}
