import type * as Bindings from '@livekit/rtc-ffi-bindings';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FrameSource, SourceFrame } from '../../src/frames/frame-source.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { until } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { bindings, client } from './rtc-parts.ts';

const taps = () => client().listenerCount('ffi_event');

const camera = fileCamera();
const open: FrameSource[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((source) => source.close()));
});

/** A tap that keeps its frames until they are released. */
function openTap() {
  const frames: SourceFrame[] = [];
  const ends: unknown[] = [];
  const tap = openNativeTap(camera.track, {
    onFrame: (frame) => frames.push(frame),
    onEnd: (error) => ends.push(error ?? 'ended'),
  });
  if (!tap) throw new Error('there is no native tap');
  open.push(tap);
  return { tap, frames, ends };
}

/** Released handles, by their number. */
function spiedHandles(): bigint[] {
  const given: bigint[] = [];
  const { prototype } = bindings.FfiHandle;
  const give = prototype.dispose;
  vi.spyOn(prototype, 'dispose').mockImplementation(function (this: Bindings.FfiHandle) {
    given.push(this.handle);
    return give.call(this);
  });
  return given;
}

/** Handles of all frames from the native library, whatever their receiver. */
function spiedFrames(): { handles: bigint[]; stop(): void } {
  const handles: bigint[] = [];
  const listen = ({ message }: Bindings.FfiEvent) => {
    if (message.case !== 'videoStreamEvent') return;
    const { message: inner } = message.value;
    if (inner.case === 'frameReceived') handles.push(inner.value.buffer?.handle?.id ?? 0n);
  };
  client().on('ffi_event', listen);
  return { handles, stop: () => client().off('ffi_event', listen) };
}

/** Shows something until a test has what it needs: the first frames may come too early. */
async function showUntil(seen: () => boolean, ...frame: Parameters<TestCamera['show']>) {
  const showing = setInterval(() => camera.show(...frame), 30);
  try {
    await until('the frame seen', seen);
  } finally {
    clearInterval(showing);
  }
}

/** Shows a level until a frame of it arrives. */
async function shown(frames: readonly SourceFrame[], ...frame: Parameters<TestCamera['show']>) {
  const luma = 16 + 20 * frame[0];
  const found = () => frames.find((it) => it.read().data[0] === luma);
  await showUntil(() => found() !== undefined, ...frame);
  return found() as SourceFrame;
}

describe('rtc-node has', () => {
  test.each([
    ['FfiHandle', 'to release a frame'],
    ['NewVideoStreamRequest', 'to tap a track'],
  ])('rtc-node has %s in its bindings, %s', (name) => {
    expect(Reflect.get(bindings, name), name).toBeTypeOf('function');
  });

  test('rtc-node has VideoStreamType.VIDEO_STREAM_NATIVE, and handles that dispose', () => {
    expect(bindings.VideoStreamType.VIDEO_STREAM_NATIVE).toBeTypeOf('number');
    expect(bindings.FfiHandle.prototype.dispose, 'dispose').toBeTypeOf('function');
  });

  test('rtc-node has ffi_handle.handle of a track, with which a tap is opened', () => {
    expect(camera.track.ffi_handle.handle).toBeTypeOf('bigint');
  });
});

describe('a native tap', () => {
  test('a native tap delivers the frames of a track, with their size and pixels', async () => {
    const { tap, frames } = openTap();
    expect(tap.via).toBe('native-tap');
    const first = await shown(frames, 3, { width: 96, height: 64 });
    const last = await shown(frames, 7, { width: 128, height: 96, rotation: 90 });
    expect([first.width, first.height, first.rotation]).toEqual([96, 64, 0]);
    expect([last.width, last.height, last.rotation]).toEqual([128, 96, 1]);
    expect(first.read().data).toHaveLength((96 * 64 * 3) / 2);
    expect(first.read(), 'one copy').toBe(first.read());
    const taken = first.take?.();
    taken?.data.fill(0);
    expect(first.read().data[0], 'the pixels that were not taken').toBe(16 + 20 * 3);
    expect(first.take?.().data[0]).toBe(16 + 20 * 3);
    for (const frame of frames) frame.release();
  });

  test('a native tap joins planes that do not follow each other in memory', async () => {
    // The chroma planes come first: one copy of all planes is not possible then.
    const chromaFirst = ({ message }: Bindings.FfiEvent) => {
      if (message.case !== 'videoStreamEvent') return;
      const { message: inner } = message.value;
      if (inner.case === 'frameReceived') inner.value.buffer?.info?.components.reverse();
    };
    client().on('ffi_event', chromaFirst);
    const { frames } = openTap();
    const size = { width: 96, height: 64 };
    const [luma, chroma] = [size.width * size.height, (size.width * size.height) / 4];
    try {
      await showUntil(() => frames.some(({ width }) => width === size.width), 3, size);
    } finally {
      client().off('ffi_event', chromaFirst);
    }
    const frame = frames.find(({ width }) => width === size.width);
    const data = frame?.read().data ?? [];
    expect(data).toHaveLength(luma + 2 * chroma);
    expect([data[0], data[2 * chroma - 1]]).toEqual([128, 128]);
    expect(new Set(data.slice(2 * chroma))).toEqual(new Set([16 + 20 * 3]));
    for (const one of frames) one.release();
  });

  test('a native tap releases each handle once, however often release is called', async () => {
    const given = spiedHandles();
    const { frames } = openTap();
    await showUntil(() => frames.length >= 5, 4);
    expect(given).toEqual([]);
    for (const frame of frames) {
      frame.release();
      frame.release();
    }
    expect(given).toHaveLength(frames.length);
    expect(new Set(given).size).toBe(frames.length);
  });

  test('a native tap has no pixels after the release, unless they were copied before', async () => {
    const { frames } = openTap();
    await showUntil(() => frames.length >= 2, 4);
    const [first, second] = frames as [SourceFrame, SourceFrame];
    const copy = first.read();
    for (const frame of frames) frame.release();
    expect(() => second.read()).toThrow('given back');
    expect(() => first.read()).toThrow('given back');
    expect(second.isBlack()).toBe(false);
    expect(copy.data[0]).toBeGreaterThan(16);
  });

  test('a native tap delivers nothing after close(), which ends when the last frame is released', async () => {
    const given = spiedHandles();
    const arrived = spiedFrames();
    const listening = taps();
    const { tap, frames, ends } = openTap();
    await showUntil(() => frames.length > 0, 4);
    expect(taps()).toBe(listening + 1);
    // On their way when the tap is closed.
    for (let level = 1; level <= 8; level++) camera.show(level);
    const closing = tap.close();
    const before = frames.length;
    for (const frame of frames) frame.release();
    expect(tap.close(), 'closed once').toBe(closing);
    await closing;
    expect(frames).toHaveLength(before);
    expect(ends).toEqual([]);
    expect(taps()).toBe(listening);
    // The delivered frames and the late ones: each once, besides the tap's own handle.
    arrived.stop();
    // Whether any came too late depends on the machine; that none is kept is checked.
    expect(arrived.handles.length).toBeGreaterThanOrEqual(before);
    expect(given).toHaveLength(arrived.handles.length + 1);
    expect(new Set(given).size).toBe(given.length);
    expect(given).toEqual(expect.arrayContaining(arrived.handles));
  });

  test('a native tap reports the end of the track at most once', async () => {
    const own = new TestCamera();
    const ends: unknown[] = [];
    const tap = openNativeTap(own.track, {
      onFrame: (frame) => frame.release(),
      onEnd: (error) => ends.push(error ?? 'ended'),
    });
    own.show(2);
    await own.close();
    // Closing the track of an in-process source is not the end of its stream in every version.
    await tap?.close();
    expect(ends.length).toBeLessThanOrEqual(1);
  });

  test('a native tap delivers frames again after a rest, and none during it', async () => {
    const { tap, frames } = openTap();
    await showUntil(() => frames.length > 0, 3);
    const all = spiedFrames();
    tap.rest?.();
    // Another reader shows that the track goes on.
    const other = openTap();
    const before = frames.length;
    await showUntil(() => other.frames.length > 2, 5);
    expect(frames).toHaveLength(before);
    expect(tap.read?.()).toBe(true);
    await showUntil(() => frames.length > before, 7);
    all.stop();
    for (const frame of [...frames, ...other.frames]) frame.release();
  });

  test('a native tap detects black without a copy', async () => {
    const { frames } = openTap();
    // Level 0 is black.
    const black = await shown(frames, 0);
    const dark = await shown(frames, 1);
    const copy = vi.spyOn(client() as unknown as { copyBuffer(): Uint8Array }, 'copyBuffer');
    expect([black, dark].map((frame) => frame.isBlack())).toEqual([true, false]);
    for (const [, length] of copy.mock.calls as unknown as [bigint, number][])
      expect(length).toBeLessThanOrEqual(64);
    for (const frame of frames) frame.release();
  });
});
