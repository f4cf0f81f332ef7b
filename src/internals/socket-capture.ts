import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';

/** The part of a `ws` socket that is used, of any copy of that package. */
export interface CapturedSocket extends EventEmitter {
  readonly url: string;
  readonly readyState: number;
  /** Private: whether the other side closes. `ws` answers by `close()`, as its users call it. */
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
/** Those who still wait for a socket; while there is none, nothing is wrapped. */
const waiting = new Set<OnSocket>();
let unwrap: (() => void)[] = [];

/**
 * Waits for the first `ws` socket that is made from here on, in this async context: it is handed
 * over before it can fail. The providers' packages make their sockets where nothing leads to them,
 * and a socket without an `error` listener ends the process.
 *
 * It wraps `EventEmitter.on`, which whoever makes a socket calls at once, and only for as long as
 * a socket is waited for. The async context says whose socket it is, if several are made at once.
 *
 * @returns the way to wait no more.
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

/** @returns the way back. */
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
    // Another package may have wrapped it in turn.
    if (EventEmitter.prototype[method] === wrapped) EventEmitter.prototype[method] = plain;
  };
}

const isSocket = (emitter: EventEmitter): boolean =>
  'terminate' in emitter && 'readyState' in emitter;
