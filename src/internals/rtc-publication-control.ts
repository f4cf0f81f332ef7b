import type { FfiHandle } from '@livekit/rtc-ffi-bindings';
import type { LocalVideoTrack } from '@livekit/rtc-node';
import { rtcEngine } from './rtc-engine.ts';

/**
 * The engine's handle of a remote publication; `undefined` if its track is gone, because the engine
 * would panic, which ends the process.
 */
function handleOf(publication: object): bigint | undefined {
  const { ffiHandle, track } = publication as { ffiHandle?: FfiHandle; track?: unknown };
  return track && typeof ffiHandle?.handle === 'bigint' ? ffiHandle.handle : undefined;
}

/**
 * Requests the server to send this track or to pause it, which is much cheaper than a new
 * subscription. rtc-node has no public API for it.
 *
 * @returns whether it was requested; false if this is not a remote publication of rtc-node.
 */
export function setPublicationEnabled(publication: object, enabled: boolean): boolean {
  const engine = rtcEngine();
  const handle = handleOf(publication);
  if (!engine || handle === undefined) return false;
  const { EnableRemoteTrackPublicationRequest } = engine.bindings;
  if (typeof EnableRemoteTrackPublicationRequest !== 'function') return false;
  engine.client.request({
    message: {
      case: 'enableRemoteTrackPublication',
      value: new EnableRemoteTrackPublicationRequest({ trackPublicationHandle: handle, enabled }),
    },
  });
  return true;
}

/** A layer of a simulcast track. */
export type VideoLayer = 'low' | 'medium' | 'high';

/**
 * Requests a smaller layer of this track from the server; without simulcast nothing changes.
 * rtc-node has no public API for it.
 *
 * @returns whether it was requested.
 */
export function setPublicationLayer(publication: object, layer: VideoLayer): boolean {
  const engine = rtcEngine();
  const handle = handleOf(publication);
  if (!engine || handle === undefined) return false;
  const { SetRemoteTrackPublicationQualityRequest, VideoQuality } = engine.bindings;
  if (typeof SetRemoteTrackPublicationQualityRequest !== 'function') return false;
  const quality = {
    low: VideoQuality.LOW,
    medium: VideoQuality.MEDIUM,
    high: VideoQuality.HIGH,
  }[layer];
  engine.client.request({
    message: {
      case: 'setRemoteTrackPublicationQuality',
      value: new SetRemoteTrackPublicationQualityRequest({
        trackPublicationHandle: handle,
        quality,
      }),
    },
  });
  return true;
}

/**
 * Mutes or unmutes a local track.
 *
 * rtc-node 0.13 has no public API to mute a published track.
 */
export function setLocalTrackMuted(track: LocalVideoTrack, muted: boolean): void {
  const engine = rtcEngine();
  if (!engine) throw new Error('this version of rtc-node cannot mute a track');
  engine.client.request({
    message: {
      case: 'localTrackMute',
      value: new engine.bindings.LocalTrackMuteRequest({
        trackHandle: track.ffi_handle.handle,
        mute: muted,
      }),
    },
  });
}
