import type { VideoTrack } from '@livekit/rtc-node';
import { VideoBufferType } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SourceFrame } from '../../src/frames/frame-source.ts';
import { type FfiClient, rtcEngine } from '../../src/internals/rtc-engine.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import { fileCamera } from '../support/camera.ts';

// The camera starts rtc-node's engine.
const camera = fileCamera();

/** Handles that the engine does not give. */
const STREAM = 2n ** 60n;
const OTHER = STREAM + 1n;
const FRAME = STREAM + 2n;

interface Memory {
  pointer: bigint;
  length: number;
}

/** The handles that were given back, and the memory that was read. */
let disposed: bigint[];
let copied: Memory[];
let restore: () => void;
let engine: FfiClient & {
  emit(event: string, value: object): void;
  listenerCount(of: string): number;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  disposed = [];
  copied = [];
  const { client, bindings } = rtcEngine() ?? {};
  if (!client || !bindings) throw new Error('rtc-node has no engine');
  engine = client as typeof engine;
  vi.spyOn(engine, 'request').mockReturnValue({ stream: { handle: { id: STREAM } } });
  vi.spyOn(engine, 'copyBuffer').mockImplementation((pointer, length) => {
    copied.push({ pointer, length });
    return new Uint8Array(length).fill(7);
  });
  // A real handle of a wrong number throws when it is collected.
  class Handle {
    constructor(readonly handle: bigint) {}
    dispose(): void {
      disposed.push(this.handle);
    }
  }
  const { FfiHandle } = bindings;
  Object.assign(bindings, { FfiHandle: Handle });
  restore = () => Object.assign(bindings, { FfiHandle });
});
afterEach(() => {
  restore();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A tap whose events a test emits. */
function stage() {
  const before = engine.listenerCount('ffi_event');
  const frames: SourceFrame[] = [];
  const ends: unknown[] = [];
  const tap = openNativeTap(camera.track as unknown as VideoTrack, {
    onFrame: (frame) => frames.push(frame),
    onEnd: (...args) => ends.push(args),
  });
  const emit = (message: object, streamHandle = STREAM) =>
    engine.emit('ffi_event', {
      message: { case: 'videoStreamEvent', value: { streamHandle, message } },
    });
  /** A frame of I420 whose planes lie at these places. */
  const frame = (pointers = [1000n, 1000n + 64n, 1000n + 80n], streamHandle = STREAM) => {
    const sizes = [64, 16, 16];
    const components = pointers.map((dataPtr, at) => ({
      ...{ dataPtr, size: sizes[at], stride: at === 0 ? 8 : 4 },
    }));
    const info = { width: 8, height: 8, type: VideoBufferType.I420, components };
    const value = { buffer: { info, handle: { id: FRAME } }, rotation: 1 };
    emit({ case: 'frameReceived', value }, streamHandle);
    return frames.at(-1);
  };
  const end = (streamHandle = STREAM) => emit({ case: 'eos', value: {} }, streamHandle);
  const listeners = () => engine.listenerCount('ffi_event') - before;
  return { tap, frames, ends, frame, end, emit, listeners };
}

test('a tap takes only the frames and the end of its own stream', async () => {
  const { tap, frames, ends, frame, end, emit } = stage();
  frame(undefined, OTHER);
  end(OTHER);
  emit({ case: 'frameReceived', value: {} });
  expect([frames, ends]).toEqual([[], []]);
  expect(frame()).toMatchObject({ width: 8, height: 8, rotation: 1 });
  end();
  await tap?.close();
});

test('a track that ends by itself is reported once, and leaves no listener, timer or handle', async () => {
  const { tap, ends, end, listeners } = stage();
  expect(listeners()).toBe(1);
  end();
  end();
  expect(ends).toEqual([[]]);
  expect([listeners(), disposed]).toEqual([0, [STREAM]]);
  await tap?.close();
  expect([disposed, vi.getTimerCount()]).toEqual([[STREAM], 0]);
});

test('a tap that is closed ends with the end of its stream, and releases what comes until then', async () => {
  const { tap, frames, ends, frame, end, listeners } = stage();
  const closing = tap?.close();
  expect(tap?.close()).toBe(closing);
  expect(disposed).toEqual([STREAM]);
  frame();
  expect([frames, disposed]).toEqual([[], [STREAM, FRAME]]);
  end();
  await closing;
  expect([ends, listeners(), vi.getTimerCount()]).toEqual([[], 0, 0]);
});

test('a tap that is closed ends after two seconds if the engine does not report the end', async () => {
  const { tap, listeners } = stage();
  let isClosed = false;
  const closing = tap?.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(1999);
  expect([isClosed, listeners()]).toEqual([false, 1]);
  await vi.advanceTimersByTimeAsync(1);
  await closing;
  expect(listeners()).toBe(0);
});

test('a tap at rest has no native stream and no listener, and opens a new one to read again', async () => {
  const { tap, frames, frame, end, listeners } = stage();
  tap?.rest?.();
  tap?.rest?.();
  frame();
  end();
  expect([frames, listeners(), disposed]).toEqual([[], 0, [STREAM, FRAME]]);
  vi.mocked(engine.request).mockReturnValue({ stream: { handle: { id: OTHER } } });
  expect([tap?.read?.(), tap?.read?.()]).toEqual([true, false]);
  frame();
  expect(frames).toEqual([]);
  expect(frame(undefined, OTHER)).toMatchObject({ width: 8 });
  end(OTHER);
  await tap?.close();
  expect([listeners(), vi.getTimerCount()]).toEqual([0, 0]);
});

test('a tap that is closed at rest ends when the stream from before the rest does', async () => {
  const { tap, end, listeners } = stage();
  tap?.rest?.();
  let isClosed = false;
  const closing = tap?.close().then(() => {
    isClosed = true;
  });
  await Promise.resolve();
  expect(isClosed).toBe(false);
  end();
  await closing;
  expect(tap?.read?.()).toBe(false);
  expect([listeners(), vi.getTimerCount()]).toEqual([0, 0]);
});

test('a tap that is closed after two readings ends when both of their streams do', async () => {
  const { tap, end, listeners } = stage();
  tap?.rest?.();
  vi.mocked(engine.request).mockReturnValue({ stream: { handle: { id: OTHER } } });
  tap?.read?.();
  let isClosed = false;
  const closing = tap?.close().then(() => {
    isClosed = true;
  });
  end(OTHER);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect([isClosed, listeners()]).toEqual([false, 1]);
  end();
  await closing;
  expect(vi.getTimerCount()).toBe(0);
});

test('a track that ends during a rest is reported when it is read again, once', () => {
  const { tap, ends, end } = stage();
  tap?.rest?.();
  end();
  vi.mocked(engine.request).mockImplementation(() => {
    throw new Error('no such track');
  });
  expect([tap?.read?.(), tap?.read?.()]).toEqual([true, false]);
  expect(ends).toMatchObject([[{ message: 'no such track' }]]);
});

test('a track without a native stream after a rest has ended', () => {
  const { tap, ends, end } = stage();
  tap?.rest?.();
  end();
  vi.mocked(engine.request).mockReturnValue({});
  tap?.read?.();
  expect(ends).toEqual([[]]);
});

test('a track that ended by itself is not read again', () => {
  const { tap, ends, end } = stage();
  end();
  tap?.rest?.();
  expect(tap?.read?.()).toBe(false);
  expect(ends).toHaveLength(1);
});

test('without a stream, there is no tap and no listener', () => {
  vi.mocked(engine.request).mockReturnValue({});
  const { tap, listeners } = stage();
  expect([tap, listeners()]).toEqual([undefined, 0]);
});

test('the pixels of a frame are one copy if its planes follow each other, and else one of each', async () => {
  const { tap, frame, end } = stage();
  const whole = frame();
  expect(whole?.read().data).toHaveLength(96);
  expect(whole?.read()).toBe(whole?.read());
  expect(copied).toEqual([{ pointer: 1000n, length: 96 }]);
  copied.length = 0;
  frame([1000n, 5000n, 5016n])?.read();
  expect(copied).toEqual([
    { pointer: 1000n, length: 64 },
    { pointer: 5000n, length: 16 },
    { pointer: 5016n, length: 16 },
  ]);
  expect(() => frame([])?.read()).toThrow('the frame has no pixels');
  end();
  await tap?.close();
});

test('the luma of a frame is read from its first plane, until it is released', async () => {
  const { tap, frame, end } = stage();
  const one = frame();
  expect(one?.luma?.(2, 2)).toMatchObject({ width: 2, height: 2 });
  expect(copied.length).toBeGreaterThan(0);
  for (const { pointer, length } of copied) {
    expect(pointer).toBeGreaterThanOrEqual(1000n);
    expect(pointer + BigInt(length)).toBeLessThanOrEqual(1064n);
  }
  one?.release();
  one?.release();
  expect(disposed).toEqual([FRAME]);
  expect(one?.luma?.(2, 2)).toBeUndefined();
  expect(one?.isBlack()).toBe(false);
  expect(() => one?.read()).toThrow('given back');
  expect(() => one?.take?.()).toThrow('given back');
  end();
  await tap?.close();
});
