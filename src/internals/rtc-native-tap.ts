import type { FfiEvent, FfiHandle, OwnedVideoBuffer } from '@livekit/rtc-ffi-bindings';
import { VideoFrame, type VideoTrack } from '@livekit/rtc-node';
import { isBlack } from '../frames/black-frame.ts';
import type { FrameSource, FrameSourceHandlers, SourceFrame } from '../frames/frame-source.ts';
import { hasLuma, shrinkLuma } from '../frames/luma.ts';
import { messageOf } from '../thrown.ts';
import { noteCopy } from './copy-garbage.ts';
import { type Engine, type FfiClient, rtcEngine } from './rtc-engine.ts';

/**
 * How long a closed tap waits for frames in transit, in ms, if the engine does not report the last
 * one.
 */
const LAST_FRAMES_MS = 2000;

/**
 * Reads a track through its native handles. Unused frames are never copied into JavaScript;
 * `VideoStream` copies 41 MB per second for each 720p stream. `undefined` if the installed rtc-node
 * has other internals.
 *
 * A rest closes the native stream: the engine copies and reports each frame of an open one.
 */
export function openNativeTap(
  track: VideoTrack,
  handlers: FrameSourceHandlers,
): FrameSource | undefined {
  const engine = rtcEngine();
  if (!engine) return undefined;
  /** Resolves when no frame of the earlier readings is in transit. */
  let stopping = Promise.resolve();
  let isOver = false;
  const onEnd = (...error: [Error?]) => {
    isOver = true;
    handlers.onEnd(...error);
  };
  const start = () => startReading(engine, track, { ...handlers, onEnd });
  let reading = start();
  if (!reading) return undefined;

  const rest = () => {
    const stopped = reading?.stop();
    reading = undefined;
    if (stopped) stopping = Promise.all([stopping, stopped]).then(() => {});
  };
  return {
    via: 'native-tap',
    rest,
    read() {
      if (isOver || reading) return false;
      try {
        reading = start();
        if (!reading) onEnd();
      } catch (error) {
        onEnd(new Error(messageOf(error), { cause: error }));
      }
      return true;
    },
    close() {
      isOver = true;
      rest();
      return stopping;
    },
  };
}

/** A native stream that is open. */
interface Reading {
  /** Delivers nothing more. Resolves when no frame is in transit. */
  stop(): Promise<void>;
}

function startReading(
  engine: Engine,
  track: VideoTrack,
  handlers: FrameSourceHandlers,
): Reading | undefined {
  const { client, bindings } = engine;
  const response = client.request({
    message: {
      case: 'newVideoStream',
      value: new bindings.NewVideoStreamRequest({
        trackHandle: track.ffi_handle.handle,
        type: bindings.VideoStreamType.VIDEO_STREAM_NATIVE,
        // Rows without padding, as `VideoFrame` requires.
        normalizeStride: true,
      }),
    },
  }) as { stream?: { handle?: { id?: bigint } } };
  const id = response.stream?.handle?.id;
  if (id === undefined) return undefined;

  const stream = new bindings.FfiHandle(id);
  let stopped: Promise<void> | undefined;
  let onLastFrame = () => {};

  const onEvent = (event: FfiEvent) => {
    if (event.message.case !== 'videoStreamEvent' || event.message.value.streamHandle !== id)
      return;
    const { message } = event.message.value;
    if (message.case === 'frameReceived') {
      const { buffer, rotation } = message.value;
      if (!buffer) return;
      const frame = nativeFrame(engine, buffer, rotation ?? 0);
      // A frame that was in transit at the stop must still be released.
      if (stopped) frame.release();
      else handlers.onFrame(frame);
    } else if (message.case === 'eos') {
      client.off('ffi_event', onEvent);
      if (stopped) return onLastFrame();
      stopped = Promise.resolve();
      stream.dispose();
      handlers.onEnd();
    }
  };
  client.on('ffi_event', onEvent);

  return {
    stop() {
      stopped ??= new Promise((resolve) => {
        const timer = setTimeout(() => {
          client.off('ffi_event', onEvent);
          resolve();
        }, LAST_FRAMES_MS);
        onLastFrame = () => {
          clearTimeout(timer);
          resolve();
        };
        // The engine reports the end of the stream after the last frame.
        stream.dispose();
      });
      return stopped;
    },
  };
}

function nativeFrame(
  { client, bindings }: Engine,
  buffer: OwnedVideoBuffer,
  rotation: SourceFrame['rotation'],
): SourceFrame {
  const { info, handle } = buffer;
  let owned: FfiHandle | undefined = new bindings.FfiHandle(handle?.id ?? 0n);
  let copy: VideoFrame | undefined;
  const width = info?.width ?? 0;
  const height = info?.height ?? 0;
  const checkOwned = () => {
    if (!owned) throw new Error('the frame was given back already');
  };
  const take = () => {
    checkOwned();
    return new VideoFrame(copyPlanes(client, buffer), width, height, info?.type ?? 0);
  };
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
      checkOwned();
      copy ??= take();
      return copy;
    },
    take,
    release() {
      owned?.dispose();
      owned = undefined;
    },
  };
}

/** All planes of a frame in sequence, as `VideoFrame` stores them. */
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
