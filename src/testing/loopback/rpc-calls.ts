import { randomUUID } from 'node:crypto';
import { type PerformRpcParams, RpcError, type RpcInvocationData } from '@livekit/rtc-node';
import type { CallPackets, CallRequest, CallResult, Member } from './member.ts';
import type { LoopbackNetwork } from './network.ts';

type Handler = (data: RpcInvocationData) => Promise<string>;

/** How long the engine waits for the acknowledgement of a call, in ms. */
const ACK_LIMIT_MS = 7000;

/** Default limit of an answer, in ms. */
const RESPONSE_LIMIT_MS = 15_000;

/** Least time for a handler, in ms. */
const MIN_HANDLER_MS = 1000;

/** A call that has no result yet. */
interface Call {
  readonly responseTimeout: number;
  timer: NodeJS.Timeout;
  settle(result: CallResult): void;
}

/** The calls of a participant and its answers to calls, as in rtc-node's `LocalParticipant`. */
export class RpcCalls implements CallPackets {
  readonly #member: Member;
  readonly #network: LoopbackNetwork;
  readonly #handlers = new Map<string, Handler>();
  readonly #calls = new Map<string, Call>();

  constructor(member: Member, network: LoopbackNetwork) {
    this.#member = member;
    this.#network = network;
  }

  register(method: string, handler: Handler): void {
    this.#handlers.set(method, handler);
  }

  unregister(method: string): void {
    this.#handlers.delete(method);
  }

  perform({ destinationIdentity, method, payload, responseTimeout }: PerformRpcParams) {
    const limitMs = responseTimeout ?? RESPONSE_LIMIT_MS;
    return new Promise<string>((resolve, reject) => {
      const requestId = randomUUID();
      this.#calls.set(requestId, {
        responseTimeout: limitMs,
        timer: this.#failIn(ACK_LIMIT_MS, requestId, 'CONNECTION_TIMEOUT'),
        settle: (result) => ('error' in result ? reject(result.error) : resolve(result.payload)),
      });
      const handlerMs = Math.max(MIN_HANDLER_MS, limitMs - ACK_LIMIT_MS);
      const request = { requestId, method, payload, responseTimeout: handlerMs };
      const from = this.#member;
      this.#network.send(from, destinationIdentity, ({ calls }) => calls.onRequest(request, from));
    });
  }

  async onRequest(request: CallRequest, from: Member): Promise<void> {
    const { requestId } = request;
    this.#answer(from, (calls) => calls.onAck(requestId));
    const result = await this.#resultOf(request, from);
    this.#answer(from, (calls) => calls.onResult(requestId, result));
  }

  onAck(requestId: string): void {
    const call = this.#calls.get(requestId);
    if (!call) return;
    clearTimeout(call.timer);
    call.timer = this.#failIn(call.responseTimeout, requestId, 'RESPONSE_TIMEOUT');
  }

  onResult(requestId: string, result: CallResult): void {
    const call = this.#calls.get(requestId);
    if (!call) return;
    clearTimeout(call.timer);
    this.#calls.delete(requestId);
    call.settle(result);
  }

  /** The room is left: open calls end with the same error as in rtc-node. */
  close(): void {
    const error = new DOMException('This operation was aborted', 'AbortError');
    for (const requestId of this.#calls.keys()) this.onResult(requestId, { error });
  }

  #answer(to: Member, answer: (calls: CallPackets) => void): void {
    this.#network.send(this.#member, to.identity, ({ calls }) => answer(calls));
  }

  async #resultOf(request: CallRequest, { identity }: Member): Promise<CallResult> {
    const handler = this.#handlers.get(request.method);
    if (!handler) return { error: RpcError.builtIn('UNSUPPORTED_METHOD') };
    const { requestId, payload, responseTimeout } = request;
    try {
      return {
        payload: await handler({ requestId, callerIdentity: identity, payload, responseTimeout }),
      };
    } catch (error) {
      // The details of any other error do not go over the network.
      if (error instanceof RpcError) return { error };
      return { error: RpcError.builtIn('APPLICATION_ERROR') };
    }
  }

  #failIn(ms: number, requestId: string, code: 'CONNECTION_TIMEOUT' | 'RESPONSE_TIMEOUT') {
    const error = RpcError.builtIn(code);
    return setTimeout(() => this.onResult(requestId, { error }), ms);
  }
}
