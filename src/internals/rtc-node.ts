import { createRequire } from 'node:module';
import type {
  FfiEvent,
  FfiHandle,
  FfiRequest,
  GetStatsCallback,
  OwnedVideoBuffer,
} from '@livekit/rtc-ffi-bindings';
import {
  type LocalVideoTrack,
  type RemoteTrack,
  VideoFrame,
  type VideoTrack,
} from '@livekit/rtc-node';
import { isBlack } from '../frames/black-frame.ts';
import type { FrameSource, FrameSourceHandlers, SourceFrame } from '../frames/frame-source.ts';
import { hasLuma, shrinkLuma } from '../frames/luma.ts';
import { noteCopy } from './copy-garbage.ts';

/**
 * The one place that touches rtc-node's native library below its public API. Each use has a
 * reason, and `test/internals/rtc-node.test.ts` fails when the installed version no longer has it.
 */

/** rtc-node's own client of the native library: it is not exported, but lives on `globalThis`. */
interface FfiClient {
  request(request: { message: FfiRequest['message'] }): unknown;
  copyBuffer(pointer: bigint, length: number): Uint8Array;
  waitFor?(
    wanted: (event: FfiEvent) => boolean,
    options: { signal: AbortSignal },
  ): Promise<unknown>;
  getNextRequestAsyncId?(): bigint;
  on(event: 'ffi_event', listener: (event: FfiEvent) => void): void;
  off(event: 'ffi_event', listener: (event: FfiEvent) => void): void;
}

type Bindings = typeof import('@livekit/rtc-ffi-bindings');

interface Native {
  client: FfiClient;
  bindings: Bindings;
}

/**
 * How long a closed tap listens for frames that were under way, in ms. The engine says when the
 * last one came; this is for the case that it does not.
 */
const LAST_FRAMES_MS = 2000;

/**
 * The client and the copy of the bindings that rtc-node itself uses (another copy would start a
 * second engine), or `undefined` where this version has other ones.
 */
function native(): Native | undefined {
  const client = (globalThis as { _ffiClientInstance?: Partial<FfiClient> })._ffiClientInstance;
  if (typeof client?.request !== 'function' || typeof client.copyBuffer !== 'function')
    return undefined;
  try {
    const here = createRequire(import.meta.url);
    const bindings: Bindings = createRequire(here.resolve('@livekit/rtc-node'))(
      '@livekit/rtc-ffi-bindings',
    );
    const usable = [bindings.FfiHandle, bindings.NewVideoStreamRequest].every(
      (part) => typeof part === 'function',
    );
    return usable ? { client: client as FfiClient, bindings } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a track by its native handles: a frame that nobody wants is never copied into JavaScript,
 * where `VideoStream` copies 41 MB a second for each 720p stream. `undefined` where the installed
 * rtc-node has other internals.
 */
export function openNativeTap(
  track: VideoTrack,
  handlers: FrameSourceHandlers,
): FrameSource | undefined {
  const engine = native();
  if (!engine) return undefined;
  const { client, bindings } = engine;
  const response = client.request({
    message: {
      case: 'newVideoStream',
      value: new bindings.NewVideoStreamRequest({
        trackHandle: track.ffi_handle.handle,
        type: bindings.VideoStreamType.VIDEO_STREAM_NATIVE,
        // Rows without padding, as `VideoFrame` takes them.
        normalizeStride: true,
      }),
    },
  }) as { stream?: { handle?: { id?: bigint } } };
  const id = response.stream?.handle?.id;
  if (id === undefined) return undefined;

  const stream = new bindings.FfiHandle(id);
  let closed: Promise<void> | undefined;
  let onLastFrame = () => {};

  const onEvent = (event: FfiEvent) => {
    if (event.message.case !== 'videoStreamEvent' || event.message.value.streamHandle !== id)
      return;
    const { message } = event.message.value;
    if (message.case === 'frameReceived') {
      const { buffer, rotation } = message.value;
      if (!buffer) return;
      const frame = nativeFrame(engine, buffer, rotation ?? 0);
      // A frame that was under way when the tap was closed still has to be given back.
      if (closed) frame.release();
      else handlers.onFrame(frame);
    } else if (message.case === 'eos') {
      client.off('ffi_event', onEvent);
      if (closed) return onLastFrame();
      closed = Promise.resolve();
      stream.dispose();
      handlers.onEnd();
    }
  };
  client.on('ffi_event', onEvent);

  return {
    via: 'native-tap',
    close() {
      closed ??= new Promise((resolve) => {
        const timer = setTimeout(() => {
          client.off('ffi_event', onEvent);
          resolve();
        }, LAST_FRAMES_MS);
        onLastFrame = () => {
          clearTimeout(timer);
          resolve();
        };
        // The engine answers with the end of the stream, after the last frame.
        stream.dispose();
      });
      return closed;
    },
  };
}

function nativeFrame(
  { client, bindings }: Native,
  buffer: OwnedVideoBuffer,
  rotation: SourceFrame['rotation'],
): SourceFrame {
  const { info, handle } = buffer;
  let owned: FfiHandle | undefined = new bindings.FfiHandle(handle?.id ?? 0n);
  let copy: VideoFrame | undefined;
  const width = info?.width ?? 0;
  const height = info?.height ?? 0;
  return {
    width,
    height,
    rotation,
    isBlack() {
      const pointer = info?.components?.[0]?.dataPtr ?? info?.dataPtr;
      if (!owned || pointer === undefined) return false;
      return isBlack(width * height, (at, length) =>
        client.copyBuffer(pointer + BigInt(at), length),
      );
    },
    luma(columns, rows) {
      const plane = info?.components?.[0];
      const pointer = plane?.dataPtr ?? info?.dataPtr;
      if (!owned || pointer === undefined || !hasLuma(info?.type ?? 0)) return undefined;
      const stride = plane?.stride || width;
      const read = (at: number, length: number) => client.copyBuffer(pointer + BigInt(at), length);
      return shrinkLuma({ width, height, stride, read }, columns, rows);
    },
    read() {
      if (!owned) throw new Error('the frame was given back already');
      copy ??= new VideoFrame(copyPlanes(client, buffer), width, height, info?.type ?? 0);
      return copy;
    },
    release() {
      owned?.dispose();
      owned = undefined;
    },
  };
}

/** All planes of a frame, one behind the other, as `VideoFrame` holds them. */
function copyPlanes(client: FfiClient, { info }: OwnedVideoBuffer): Uint8Array {
  const planes = (info?.components ?? []).map(({ dataPtr, size }) => ({
    pointer: dataPtr ?? 0n,
    size: size ?? 0,
  }));
  const total = planes.reduce((sum, plane) => sum + plane.size, 0);
  const first = planes[0];
  if (!first || total === 0) throw new Error('the frame has no pixels');
  noteCopy(total);
  let end = first.pointer;
  const inOneRow = planes.every((plane) => {
    const follows = plane.pointer === end;
    end = plane.pointer + BigInt(plane.size);
    return follows;
  });
  if (inOneRow) return client.copyBuffer(first.pointer, total);
  const pixels = new Uint8Array(total);
  let offset = 0;
  for (const plane of planes) {
    pixels.set(client.copyBuffer(plane.pointer, plane.size), offset);
    offset += plane.size;
  }
  return pixels;
}

/**
 * The engine's handle of a remote publication; `undefined` where its track is gone: the engine
 * panics then, which ends the whole process.
 */
function handleOf(publication: object): bigint | undefined {
  const { ffiHandle, track } = publication as { ffiHandle?: FfiHandle; track?: unknown };
  return track && typeof ffiHandle?.handle === 'bigint' ? ffiHandle.handle : undefined;
}

/**
 * Asks the server to send this track, or to stop for now; much cheaper than a new subscription.
 * rtc-node has no public way.
 *
 * @returns whether it was asked: not for what is no remote publication of rtc-node.
 */
export function setPublicationEnabled(publication: object, enabled: boolean): boolean {
  const engine = native();
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
 * Asks the server for a smaller layer of this track; without simulcast nothing changes. rtc-node
 * has no public way.
 *
 * @returns whether it was asked.
 */
export function setPublicationLayer(publication: object, layer: VideoLayer): boolean {
  const engine = native();
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
 * Mutes or unmutes one's own track.
 *
 * rtc-node 0.13 has no public way to mute a published track.
 */
export function setLocalTrackMuted(track: LocalVideoTrack, muted: boolean): void {
  const engine = native();
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

/** How long the engine may take to give the figures of a track, in ms. */
const STATS_LIMIT_MS = 2000;

/**
 * When the last packet of a remote track came, as a time of day in ms. rtc-node gives figures of
 * whole rooms only, in which no track can be found again.
 *
 * @returns `undefined` where none came yet, or this version cannot tell.
 */
export async function lastPacketAt(track: RemoteTrack): Promise<number | undefined> {
  const { client, bindings } = native() ?? {};
  if (!client?.waitFor || !client.getNextRequestAsyncId) return undefined;
  if (typeof bindings?.GetStatsRequest !== 'function') return undefined;
  const requestAsyncId = client.getNextRequestAsyncId();
  const answer = client.waitFor(
    ({ message }) => message.case === 'getStats' && message.value.asyncId === requestAsyncId,
    { signal: AbortSignal.timeout(STATS_LIMIT_MS) },
  );
  client.request({
    message: {
      case: 'getStats',
      value: new bindings.GetStatsRequest({
        trackHandle: track.ffi_handle.handle,
        requestAsyncId,
      }),
    },
  });
  const { stats } = (await answer) as GetStatsCallback;
  for (const { stats: figures } of stats)
    if (figures.case === 'inboundRtp')
      return figures.value.inbound?.lastPacketReceivedTimestamp || undefined;
  return undefined;
}
