import { createRequire } from 'node:module';
import type { FfiEvent, FfiRequest } from '@livekit/rtc-ffi-bindings';
import { type LocalVideoTrack, VideoFrame, type VideoTrack } from '@livekit/rtc-node';
import type { FrameSource, FrameSourceHandlers, SourceFrame } from '../frames/frame-source.ts';

/**
 * The one place that touches rtc-node's native library below its public API. Each use has a
 * reason, and `test/internals/rtc-node.test.ts` fails when the installed version no longer has it.
 */

/** rtc-node's own client of the native library: it is not exported, but lives on `globalThis`. */
interface FfiClient {
  request(request: { message: FfiRequest['message'] }): unknown;
  copyBuffer(pointer: bigint, length: number): Uint8Array;
  on(event: 'ffi_event', listener: (event: FfiEvent) => void): void;
  off(event: 'ffi_event', listener: (event: FfiEvent) => void): void;
}

type Bindings = typeof import('@livekit/rtc-ffi-bindings');

/** The copy of the bindings that rtc-node itself uses; another one would start a second engine. */
function loadBindings(): Bindings {
  const here = createRequire(import.meta.url);
  return createRequire(here.resolve('@livekit/rtc-node'))('@livekit/rtc-ffi-bindings');
}

let bindings: Bindings | undefined;

/** The client, once a track exists; rtc-node makes it with the first native object. */
function client(): FfiClient | undefined {
  return (globalThis as { _ffiClientInstance?: FfiClient })._ffiClientInstance;
}

/**
 * Mutes or unmutes one's own track.
 *
 * rtc-node 0.13 has no public way to mute a published track.
 */
export function setLocalTrackMuted(track: LocalVideoTrack, muted: boolean): void {
  bindings ??= loadBindings();
  client()?.request({
    message: {
      case: 'localTrackMute',
      value: new bindings.LocalTrackMuteRequest({
        trackHandle: track.ffi_handle.handle,
        mute: muted,
      }),
    },
  });
}
