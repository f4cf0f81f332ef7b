import { RemoteTrackPublication } from '@livekit/rtc-node';
import { describe, expect, test } from 'vitest';
import { setPublicationEnabled } from '../../src/internals/rtc-publication-control.ts';
import { bindings } from './rtc-parts.ts';

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
