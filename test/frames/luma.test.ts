import { createRequire } from 'node:module';
import { LocalVideoTrack, VideoBufferType, VideoFrame, VideoSource } from '@livekit/rtc-node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import type { FrameSource, OpenFrameSource, SourceFrame } from '../../src/frames/frame-source.ts';
import { hasLuma, type LumaPlane, shrinkLuma } from '../../src/frames/luma.ts';
import { NewestFrameSlot } from '../../src/frames/newest-frame.ts';
import { openVideoStream } from '../../src/frames/video-stream-source.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import { GeneratedVideo } from '../../src/testing/generated-video.ts';
import { until } from '../../src/testing/waits.ts';

type Bindings = typeof import('@livekit/rtc-ffi-bindings');
const here = createRequire(import.meta.url);
const bindings: Bindings = createRequire(here.resolve('@livekit/rtc-node'))(
  '@livekit/rtc-ffi-bindings',
);

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closings.splice(0)) await close();
});

const tapNatively: OpenFrameSource = (track, handlers) => {
  const tap = openNativeTap(track, handlers);
  if (!tap) throw new Error('there is no native tap');
  return tap;
};

/** A frame with content, as a source delivers it. */
async function delivered(open: OpenFrameSource, width: number, height: number) {
  const pixels = new Uint8Array(width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2));
  const { read } = new GeneratedVideo({ width, height, noise: 2 }).at(0);
  for (let y = 0; y < height; y++) pixels.set(read(y * width, width), y * width);
  pixels.fill(128, width * height);
  const frame = new VideoFrame(pixels, width, height, VideoBufferType.I420);
  const video = new VideoSource(width, height);
  video.captureFrame(frame);
  const track = LocalVideoTrack.createVideoTrack('luma', video);
  const frames: SourceFrame[] = [];
  const source: FrameSource = open(track, {
    onFrame: (one) => frames.push(one),
    onEnd: () => {},
  });
  closings.push(
    () => source.close(),
    () => track.close(),
  );
  const showing = setInterval(() => video.captureFrame(frame), 30);
  const found = () => frames.find((one) => one.width > 16);
  try {
    await until('a frame', () => found() !== undefined);
  } finally {
    clearInterval(showing);
  }
  return { frame: found() as SourceFrame, frames };
}

/** The mean of a block over all its pixels. */
function blockMean(frame: VideoFrame, column: number, row: number, columns = 32, rows = 18) {
  const [left, right] = [column, column + 1].map((n) => Math.floor((n * frame.width) / columns));
  const [top, bottom] = [row, row + 1].map((n) => Math.floor((n * frame.height) / rows));
  let [sum, count] = [0, 0];
  for (let y = top ?? 0; y < (bottom ?? 0); y++)
    for (let x = left ?? 0; x < (right ?? 0); x++, count++)
      sum += frame.data[y * frame.width + x] ?? 0;
  return sum / count;
}

describe.each([
  ['native-tap', tapNatively],
  ['video-stream', openVideoStream],
] as const)('the small picture of a frame by %s', (via, open) => {
  test.each([
    [1280, 720],
    [330, 190],
  ])(
    `the small picture by ${via} of %i x %i is near the means of its blocks`,
    async (width, height) => {
      const { frame } = await delivered(open, width, height);
      const picture = frame.luma?.(32, 18);
      const all = frame.read();
      expect(picture).toMatchObject({ width: 32, height: 18 });
      const off = Array.from(picture?.means ?? [], (mean, i) =>
        Math.abs(mean - blockMean(all, i % 32, Math.floor(i / 32))),
      );
      expect(off).toHaveLength(32 * 18);
      // A block that an edge of furniture runs through may be off by its rows.
      expect(off.sort((a, b) => a - b)[Math.floor(off.length * 0.9)]).toBeLessThan(3);
      expect(picture?.edges).toBeGreaterThan(0.002);
      frame.release();
    },
  );
});

describe('a frame by its native handle', () => {
  test('the small picture of a native frame copies only part of its rows', async () => {
    const { frame } = await delivered(tapNatively, 1280, 720);
    const client = (
      globalThis as unknown as {
        _ffiClientInstance: { copyBuffer(pointer: bigint, length: number): Uint8Array };
      }
    )._ffiClientInstance;
    const copies = vi.spyOn(client, 'copyBuffer');
    frame.luma?.(32, 18);
    const copied = copies.mock.calls.reduce((sum, [, length]) => sum + length, 0);
    expect(copied).toBeLessThanOrEqual(1280 * 72);
    frame.release();
  });

  test('a native frame is released once, and has no small picture after that', async () => {
    const given: bigint[] = [];
    const { prototype } = bindings.FfiHandle;
    const give = prototype.dispose;
    vi.spyOn(prototype, 'dispose').mockImplementation(function (
      this: Bindings['FfiHandle']['prototype'],
    ) {
      given.push(this.handle);
      return give.call(this);
    });
    const { frames } = await delivered(tapNatively, 320, 180);
    for (const frame of frames) {
      frame.luma?.(32, 18);
      frame.luma?.(32, 18);
      frame.release();
      frame.release();
      expect(frame.luma?.(32, 18)).toBeUndefined();
    }
    expect(given).toHaveLength(frames.length);
    expect(new Set(given).size).toBe(frames.length);
  });
});

describe('a luma plane', () => {
  const plane = (width: number, height: number, stride = width): LumaPlane => ({
    width,
    height,
    stride,
    read: (at, length) =>
      new Uint8Array(length).map((_, i) =>
        (at % stride) + i < width ? Math.floor(at / stride) : 255,
      ),
  });

  test('a luma plane is read with its stride', () => {
    expect([...shrinkLuma(plane(64, 4, 96), 1, 4).means]).toEqual([0, 1, 2, 3]);
  });

  test('a luma plane that is smaller than the picture has no more blocks than pixels', () => {
    expect(shrinkLuma(plane(20, 10), 32, 18)).toMatchObject({ width: 20, height: 10 });
  });

  test('formats that begin with a luma plane of one byte a pixel are recognized', () => {
    const { I420, NV12, RGBA, I010 } = VideoBufferType;
    expect([I420, NV12, RGBA, I010].map(hasLuma)).toEqual([true, true, false, false]);
  });
});

test('the slot makes a small picture of its newest frame, and does not count that as a use', () => {
  const ledger = new FrameLedger();
  const slot = new NewestFrameSlot(ledger);
  expect(slot.luma(32, 18)).toBeUndefined();
  const source: SourceFrame = {
    width: 64,
    height: 36,
    rotation: 0,
    isBlack: () => false,
    luma: (width, height) => ({
      width,
      height,
      means: new Float32Array(1),
      textures: new Float32Array(1),
      edges: 0,
    }),
    read: () => expect.fail('it was read'),
    release: () => {},
  };
  const origin = { trackSid: 'TR', identity: 'user', source: 'camera', receivedAt: 1 } as const;
  slot.put(source, origin);
  expect(slot.luma(32, 18)).toMatchObject({ width: 32, height: 18 });
  slot.put({ ...source, luma: () => undefined }, origin);
  expect(slot.luma(32, 18)).toBeUndefined();
  slot.clear();
  expect(ledger.counts()).toMatchObject({ received: 2, replaced: 2, sampled: 0 });
});
