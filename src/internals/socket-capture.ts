import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';

/** The used part of a `ws` socket, of any copy of that package. */
export interface CapturedSocket extends EventEmitter {
  readonly url: string;
  readonly readyState: number;
  /** Private: whether the other side is closing. `ws` answers with `close()`, like its users. */
  readonly _closeFrameReceived?: boolean;
  onopen: ((event: object) => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  send(data: string): void;
  close(): void;
  terminate(): void;
}

type OnSocket = (socket: CapturedSocket) => void;
type Listen = typeof EventEmitter.prototype.on;

const owner = new AsyncLocalStorage<OnSocket>();
/** Callbacks that wait for a socket. Without any, nothing is wrapped. */
const waiting = new Set<OnSocket>();
let unwrap: (() => void)[] = [];

/**
 * Calls back with the first `ws` socket that is created in this async context, before it can fail.
 * The providers' packages create their sockets without exposing them, and a socket
 * without an `error` listener ends the process.
 *
 * It wraps `EventEmitter.on`, which every creator of a socket calls at once, and only while a
 * socket is awaited. The async context distinguishes sockets that are created concurrently.
 *
 * @returns a function that stops waiting.
 */
export function captureNextSocket(onSocket: OnSocket): () => void {
  const stop = () => {
    waiting.delete(found);
    if (waiting.size === 0) for (const undo of unwrap.splice(0)) undo();
  };
  const found: OnSocket = (socket) => {
    stop();
    onSocket(socket);
  };
  if (waiting.size === 0) unwrap = [wrap('on'), wrap('once')];
  waiting.add(found);
  owner.enterWith(found);
  return stop;
}

/** @returns a function that removes the wrapper. */
function wrap(method: 'on' | 'once'): () => void {
  const plain: Listen = EventEmitter.prototype[method];
  const wrapped: Listen = function (this: EventEmitter, name, listener) {
    const result = plain.call(this, name, listener);
    const onSocket = name === 'open' && isSocket(this) ? owner.getStore() : undefined;
    if (onSocket && waiting.has(onSocket)) onSocket(this as CapturedSocket);
    return result;
  };
  EventEmitter.prototype[method] = wrapped;
  return () => {
    // Another package may have wrapped it meanwhile.
    if (EventEmitter.prototype[method] === wrapped) EventEmitter.prototype[method] = plain;
  };
}

const isSocket = (emitter: EventEmitter): boolean =>
  'terminate' in emitter && 'readyState' in emitter;
