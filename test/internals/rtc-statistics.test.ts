import type { RemoteTrack } from '@livekit/rtc-node';
import { describe, expect, test, vi } from 'vitest';
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
