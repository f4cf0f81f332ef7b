import { type LocalVideoTrack, RemoteTrackPublication } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FfiClient } from '../../src/internals/rtc-engine.ts';
import {
  setLocalTrackMuted,
  setPublicationEnabled,
  setPublicationLayer,
} from '../../src/internals/rtc-publication-control.ts';
import { fileCamera } from '../support/camera.ts';
import { bindings, client } from './rtc-parts.ts';

// The camera starts rtc-node's engine.
fileCamera();

const engine = () => client() as unknown as FfiClient;

describe('rtc-node has', () => {
  test.each([
    ['EnableRemoteTrackPublicationRequest', 'to pause a video at the server'],
    ['SetRemoteTrackPublicationQualityRequest', 'to request a smaller layer'],
    ['LocalTrackMuteRequest', 'to mute a track of our own'],
  ])('rtc-node has %s in its bindings, %s', (name) => {
    expect(Reflect.get(bindings, name), name).toBeTypeOf('function');
  });

  test('rtc-node has ffiHandle of a publication, with which it is switched on and off', () => {
    const source = RemoteTrackPublication.prototype.setSubscribed.toString();
    expect(source, 'this.ffiHandle.handle in setSubscribed').toContain('this.ffiHandle.handle');
  });
});

test('a publication that is not of rtc-node cannot be switched off', () => {
  expect(setPublicationEnabled({}, false)).toBe(false);
  expect(setPublicationEnabled({ ffiHandle: { handle: 7 } }, false)).toBe(false);
  // Its track is gone: the engine would panic, and end the process.
  expect(setPublicationEnabled({ ffiHandle: { handle: 7n }, track: undefined }, true)).toBe(false);
});

describe('a request to the engine', () => {
  /** What the engine is asked for, in order. */
  let asked: { case: string; value: Record<string, unknown> }[];
  beforeEach(() => {
    asked = [];
    vi.spyOn(engine(), 'request').mockImplementation(({ message }) => {
      asked.push(message as unknown as (typeof asked)[number]);
      return {};
    });
  });
  afterEach(() => void vi.restoreAllMocks());

  const publication = { ffiHandle: { handle: 7n }, track: {} };

  test.each([true, false])('a publication is switched by its own handle: %s', (enabled) => {
    expect(setPublicationEnabled(publication, enabled)).toBe(true);
    expect(asked).toMatchObject([
      {
        case: 'enableRemoteTrackPublication',
        value: { trackPublicationHandle: 7n, enabled },
      },
    ]);
  });

  test('each layer of a publication is asked for by its name', () => {
    const { LOW, MEDIUM, HIGH } = bindings.VideoQuality;
    for (const layer of ['low', 'medium', 'high'] as const)
      expect(setPublicationLayer(publication, layer)).toBe(true);
    expect(asked.map((one) => one.case)).toEqual(
      Array.from(asked, () => 'setRemoteTrackPublicationQuality'),
    );
    expect(asked.map(({ value }) => [value.trackPublicationHandle, value.quality])).toEqual([
      [7n, LOW],
      [7n, MEDIUM],
      [7n, HIGH],
    ]);
    expect(setPublicationLayer({ ...publication, track: undefined }, 'low')).toBe(false);
    expect(asked).toHaveLength(3);
  });

  test.each([true, false])('a track of our own is muted by its own handle: %s', (mute) => {
    setLocalTrackMuted({ ffi_handle: { handle: 8n } } as unknown as LocalVideoTrack, mute);
    expect(asked).toMatchObject([{ case: 'localTrackMute', value: { trackHandle: 8n, mute } }]);
  });
});
