import { ParticipantKind, RpcError } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Endpoint, Member } from '../../../src/testing/loopback/member.ts';
import { LoopbackNetwork } from '../../../src/testing/loopback/network.ts';
import { RpcCalls } from '../../../src/testing/loopback/rpc-calls.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** The calls of two members, `a` and `b`. */
function pair() {
  const network = new LoopbackNetwork();
  const [a, b] = ['a', 'b'].map((identity) => {
    const member: Member = {
      ...{ sid: identity, identity, kind: ParticipantKind.STANDARD, attributes: {} },
      ...{ tracks: new Set(), isAlive: true, endpoint: undefined },
    };
    const calls = new RpcCalls(member, network);
    member.endpoint = { calls } as unknown as Endpoint;
    network.add(member);
    return { member, calls };
  }) as [{ member: Member; calls: RpcCalls }, { member: Member; calls: RpcCalls }];
  const call = (more: { responseTimeout?: number; destinationIdentity?: string } = {}) => {
    const made = a.calls.perform({ destinationIdentity: 'b', method: 'm', payload: 'p', ...more });
    made.catch(() => {});
    return made;
  };
  return { network, a, b, call };
}

const later = (ms = 100) => vi.advanceTimersByTimeAsync(ms);

test('a call gets the result of its handler, which knows the caller and its limit', async () => {
  const { b, call } = pair();
  const seen: object[] = [];
  b.calls.register('m', async (data) => {
    seen.push(data);
    return 'result';
  });
  const result = call();
  await later();
  expect(await result).toBe('result');
  void call({ responseTimeout: 7500 });
  await later();
  expect(seen).toMatchObject([
    { callerIdentity: 'a', payload: 'p', responseTimeout: 8000 },
    { responseTimeout: 1000 },
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a handler that throws answers with its own RPC error, or hides the details of another', async () => {
  const { b, call } = pair();
  b.calls.register('m', async () => {
    throw new RpcError(400, 'malformed');
  });
  const own = call();
  await later();
  await expect(own).rejects.toMatchObject({ code: 400, message: 'malformed' });
  b.calls.register('m', async () => {
    throw new Error('a secret');
  });
  const other = call();
  await later();
  await expect(other).rejects.toMatchObject({ code: RpcError.ErrorCode.APPLICATION_ERROR });
});

test('a method without a handler is unsupported, also after it was removed', async () => {
  const { b, call } = pair();
  b.calls.register('m', async () => 'x');
  b.calls.unregister('m');
  const result = call();
  await later();
  await expect(result).rejects.toMatchObject({ code: RpcError.ErrorCode.UNSUPPORTED_METHOD });
});

test('a call to a participant that is not there fails after 7 seconds', async () => {
  const { call } = pair();
  let isOver = false;
  const result = call({ destinationIdentity: 'c' });
  result.catch(() => {
    isOver = true;
  });
  await later(6999);
  expect(isOver).toBe(false);
  await later(1);
  await expect(result).rejects.toMatchObject({ code: RpcError.ErrorCode.CONNECTION_TIMEOUT });
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  [undefined, 15_000],
  [3000, 3000],
])(
  'a handler that does not answer a call with the limit %s is waited for %i ms',
  async (responseTimeout, limitMs) => {
    const { b, call } = pair();
    b.calls.register('m', () => new Promise(() => {}));
    let isOver = false;
    const result = call(responseTimeout === undefined ? {} : { responseTimeout });
    result.catch(() => {
      isOver = true;
    });
    // The request and its acknowledgement take 3 ms each.
    await later(limitMs + 5);
    expect(isOver).toBe(false);
    await later(1);
    await expect(result).rejects.toMatchObject({ code: RpcError.ErrorCode.RESPONSE_TIMEOUT });
  },
);

test('an answer after the limit changes nothing', async () => {
  const { b, call } = pair();
  let answer = (_: string) => {};
  b.calls.register('m', () => new Promise((resolve) => (answer = resolve)));
  const result = call({ responseTimeout: 1000 });
  await later(2000);
  answer('late');
  await later();
  await expect(result).rejects.toMatchObject({ code: RpcError.ErrorCode.RESPONSE_TIMEOUT });
});

test('leaving the room ends open calls, and leaves no timer', async () => {
  const { a, b, call } = pair();
  b.calls.register('m', () => new Promise(() => {}));
  const result = call();
  await later();
  a.calls.close();
  await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  expect(vi.getTimerCount()).toBe(0);
});
