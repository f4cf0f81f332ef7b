import type { FfiEvent } from '@livekit/rtc-ffi-bindings';
import type { RemoteTrack } from '@livekit/rtc-node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FfiClient } from '../../src/internals/rtc-engine.ts';
import { lastPacketAt } from '../../src/internals/rtc-statistics.ts';
import { fileCamera } from '../support/camera.ts';
import { bindings, client } from './rtc-parts.ts';

const camera = fileCamera();

describe('rtc-node has', () => {
  test.each(['waitFor', 'getNextRequestAsyncId'])(
    'rtc-node has %s, to get an answer of its engine',
    (method) => {
      expect(Reflect.get(client(), method), method).toBeTypeOf('function');
    },
  );

  test('rtc-node has GetStatsRequest in its bindings, to get the statistics of a track', () => {
    expect(bindings.GetStatsRequest, 'GetStatsRequest').toBeTypeOf('function');
  });
});

test('a track without packets has no time of its last packet', async () => {
  const track = camera.track as unknown as RemoteTrack;
  const request = vi.spyOn(client() as unknown as { request(it: unknown): unknown }, 'request');
  expect(await lastPacketAt(track)).toBeUndefined();
  expect(request).toHaveBeenCalledWith({ message: expect.objectContaining({ case: 'getStats' }) });
});

describe('the answer of the engine', () => {
  afterEach(() => void vi.restoreAllMocks());

  /** The time of the last packet if the engine answers with these figures. */
  async function answered(...figures: object[]) {
    const engine = client() as unknown as Required<FfiClient>;
    const asked: { trackHandle: bigint; requestAsyncId: bigint }[] = [];
    vi.spyOn(engine, 'getNextRequestAsyncId').mockReturnValue(42n);
    vi.spyOn(engine, 'request').mockImplementation(({ message }) => {
      asked.push(message.value as (typeof asked)[number]);
      return {};
    });
    let wanted = (_: FfiEvent) => false;
    let limit: AbortSignal | undefined;
    vi.spyOn(engine, 'waitFor').mockImplementation(async (isIt, { signal }) => {
      wanted = isIt;
      limit = signal;
      return { stats: figures.map((stats) => ({ stats })) };
    });
    const at = await lastPacketAt({ ffi_handle: { handle: 9n } } as unknown as RemoteTrack);
    const is = (kind: string, asyncId: bigint) =>
      wanted({ message: { case: kind, value: { asyncId } } } as unknown as FfiEvent);
    expect([is('getStats', 42n), is('getStats', 41n), is('other', 42n)]).toEqual([
      ...[true, false, false],
    ]);
    expect(asked).toMatchObject([{ trackHandle: 9n, requestAsyncId: 42n }]);
    expect(limit).toBeInstanceOf(AbortSignal);
    return at;
  }

  const inbound = (lastPacketReceivedTimestamp: number) => ({
    ...{ case: 'inboundRtp', value: { inbound: { lastPacketReceivedTimestamp } } },
  });

  test('the time of the last packet is that of the inbound stream, whatever comes before it', async () => {
    expect(await answered({ case: 'codec', value: {} }, inbound(1234))).toBe(1234);
  });

  test('an answer, and a request that the engine refuses, leave no timer and no listener', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await answered(inbound(1234));
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
    vi.restoreAllMocks();
    const engine = client() as unknown as Required<FfiClient>;
    const waitFor = vi.spyOn(engine, 'waitFor');
    vi.spyOn(engine, 'request').mockImplementation(() => {
      throw new Error('the handle is gone');
    });
    const gone = lastPacketAt({ ffi_handle: { handle: 9n } } as unknown as RemoteTrack);
    await expect(gone).rejects.toThrow('the handle is gone');
    expect(waitFor).not.toHaveBeenCalled();
  });

  test('a track has no time of its last packet before the first one, or without an inbound stream', async () => {
    expect(await answered(inbound(0))).toBeUndefined();
    expect(await answered({ case: 'outboundRtp', value: {} })).toBeUndefined();
  });
});
