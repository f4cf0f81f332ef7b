import { log } from '@livekit/agents';
import {
  LocalVideoTrack,
  VideoBufferType,
  VideoFrame,
  type VideoRotation,
  VideoSource,
  VideoStream,
} from '@livekit/rtc-node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { encodeFrame } from '../../src/frames/encode.ts';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import type { FrameSource, OpenFrameSource, SourceFrame } from '../../src/frames/frame-source.ts';
import type { Size } from '../../src/frames/geometry.ts';
import { NewestFrameSlot } from '../../src/frames/newest-frame.ts';
import { openFrameSource } from '../../src/frames/open-frame-source.ts';
import { openVideoStream } from '../../src/frames/video-stream-source.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { until } from '../../src/testing/waits.ts';
import { keepBusy } from '../support/busy.ts';
import { chartError, chartFrame } from '../support/frames/chart.ts';
import { decoded } from '../support/frames/pictures.ts';

const tapNatively: OpenFrameSource = (track, handlers) => {
  const tap = openNativeTap(track, handlers);
  if (!tap) throw new Error('there is no native tap');
  return tap;
};

/** A track that shows what a test sends. */
class Picture {
  readonly track: LocalVideoTrack;
  readonly #video: VideoSource;

  constructor(first: VideoFrame) {
    this.#video = new VideoSource(first.width, first.height);
    // Until it has one of its own, rtc-node's source sends blank frames.
    this.#video.captureFrame(first);
    this.track = LocalVideoTrack.createVideoTrack('picture', this.#video);
    pictures.push(this);
  }

  show(frame: VideoFrame, rotation: VideoRotation = 0): void {
    this.#video.captureFrame(frame, 0n, rotation);
  }

  /** Shows a frame until it arrives: those directly after the opening may be lost. */
  async showUntil(seen: () => boolean, frame: VideoFrame, rotation?: VideoRotation): Promise<void> {
    const showing = setInterval(() => this.show(frame, rotation), 30);
    try {
      await until('the frame seen', seen);
    } finally {
      clearInterval(showing);
    }
  }
}

const pictures: Picture[] = [];
const sources: FrameSource[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(sources.splice(0).map((source) => source.close()));
  await Promise.all(pictures.splice(0).map(({ track }) => track.close()));
});

/** The frames that are read from a track, in order. */
function read(open: OpenFrameSource, { track }: Picture) {
  const frames: SourceFrame[] = [];
  const source = open(track, { onFrame: (frame) => frames.push(frame), onEnd: () => {} });
  sources.push(source);
  return { source, frames };
}

const level = (frame: SourceFrame) => ((frame.read().data[0] ?? 0) - 16) / 20;
const SMALL: Size = { width: 96, height: 64 };
const ODD: readonly Size[] = [
  { width: 854, height: 480 },
  { width: 330, height: 190 },
  { width: 641, height: 361 },
  { width: 322, height: 181 },
];

test('a later reader of a VideoStream that ended gets its end too', async () => {
  const picture = new Picture(greyFrame(1));
  let ends = 0;
  const handlers = { onFrame: (frame: SourceFrame) => frame.release(), onEnd: () => ends++ };
  sources.push(openVideoStream(picture.track, handlers));
  await picture.track.close();
  await until('the end', () => ends === 1);
  sources.push(openVideoStream(picture.track, handlers));
  await until('the end for the later reader', () => ends === 2);
});

test('the close of an earlier reader of a VideoStream leaves the later one', async () => {
  const picture = new Picture(greyFrame(1));
  let show = (_: object) => {};
  const read = () => new Promise<object>((resolve) => (show = resolve));
  vi.spyOn(VideoStream.prototype, 'getReader').mockReturnValue({ read } as never);
  const seen: string[] = [];
  const reader = (name: string) =>
    openVideoStream(picture.track, { onFrame: () => seen.push(name), onEnd: () => {} });
  const [earlier, later] = [reader('earlier'), reader('later')];
  const value = { frame: greyFrame(2), rotation: 0 };
  for (const close of [() => earlier.close(), () => later.close(), () => earlier.close()]) {
    await close();
    show({ done: false, value });
    await new Promise(setImmediate);
  }
  expect(seen).toEqual(['later']);
});

describe.each([
  ['native-tap', tapNatively],
  ['video-stream', openVideoStream],
] as const)('%s', (via, open) => {
  test(`${via} delivers the frames of the track in order`, async () => {
    const picture = new Picture(greyFrame(1));
    const { source, frames } = read(open, picture);
    expect(source.via).toBe(via);
    for (const grey of [2, 3, 4, 5])
      await picture.showUntil(() => frames.some((frame) => level(frame) === grey), greyFrame(grey));
    const levels = frames.map(level);
    expect(levels).toEqual([...levels].sort());
    for (const grey of [2, 3, 4, 5]) expect(levels).toContain(grey);
    for (const frame of frames) {
      expect([frame.width, frame.height]).toEqual([SMALL.width, SMALL.height]);
      frame.release();
    }
  });

  test(`${via} replaces frames that are not used by the newest`, async () => {
    const picture = new Picture(greyFrame(1));
    const ledger = new FrameLedger();
    const slot = new NewestFrameSlot(ledger);
    const source = open(picture.track, {
      onFrame: (frame) =>
        slot.put(frame, { trackSid: 'TR_1', identity: 'ada', source: 'camera', receivedAt: 0 }),
      onEnd: () => {},
    });
    sources.push(source);
    await picture.showUntil(() => ledger.counts().received >= 5, greyFrame(3));
    const newest = () => {
      const pinned = slot.pin();
      const luma = pinned?.read().data[0];
      pinned?.done({ skipped: 'looked at' });
      return luma;
    };
    const { received, replaced, held } = ledger.counts();
    expect({ replaced, held }).toEqual({ replaced: received - 1, held: 1 });
    await picture.showUntil(() => newest() === 136, greyFrame(6));
    slot.clear();
  });

  test(`${via} delivers nothing after close(), and everything after it is opened again`, async () => {
    const picture = new Picture(greyFrame(1));
    const first = read(open, picture);
    await picture.showUntil(() => first.frames.length > 0, greyFrame(2));
    picture.show(greyFrame(3));
    picture.show(greyFrame(4));
    const closing = first.source.close();
    const before = first.frames.length;
    await closing;
    const second = read(open, picture);
    await picture.showUntil(() => second.frames.some((it) => level(it) === 9), greyFrame(9));
    expect(first.frames).toHaveLength(before);
    await first.source.close();
    for (const frame of [...first.frames, ...second.frames]) frame.release();
  });

  test(`${via} still delivers to a later reader when an earlier one is closed`, async () => {
    const picture = new Picture(greyFrame(1));
    const earlier = read(open, picture);
    const later = read(open, picture);
    await earlier.source.close();
    await picture.showUntil(() => later.frames.some((it) => level(it) === 5), greyFrame(5));
    for (const frame of [...earlier.frames, ...later.frames]) frame.release();
  });

  test.each(ODD)(`${via} delivers the right pixels at $width x $height`, async (size) => {
    const picture = new Picture(chartFrame('I420', size));
    const { frames } = read(open, picture);
    await picture.showUntil(() => frames.length > 0, chartFrame('I420', size));
    const frame = frames.at(-1) as SourceFrame;
    // A source of this process crops to sides that are divisible by four.
    const cropped = { width: size.width & ~3, height: size.height & ~3 };
    expect({ width: frame.width, height: frame.height }).toEqual(cropped);
    expect(frame.read().data, 'no padding').toHaveLength((cropped.width * cropped.height * 3) / 2);
    const image = await encodeFrame({ frame: frame.read(), rotation: 0 }, { format: 'png' });
    expect(image).toMatchObject(cropped);
    expect(chartError(await decoded(image.data), size)).toBeLessThanOrEqual(10);
    for (const { release } of frames) release();
  });

  test.each([0, 1, 2, 3] as const)(`${via} passes rotation %i on`, async (rotation) => {
    const size = { width: 208, height: 120 };
    const picture = new Picture(chartFrame('I420', size));
    const { frames } = read(open, picture);
    const isTurned = () => frames.at(-1)?.rotation === rotation;
    await picture.showUntil(isTurned, chartFrame('I420', size), rotation);
    const frame = frames.at(-1) as SourceFrame;
    const image = await encodeFrame({ frame: frame.read(), rotation }, { format: 'png' });
    expect(chartError(await decoded(image.data), size, rotation * 90)).toBeLessThanOrEqual(10);
    for (const { release } of frames) release();
  });

  test(`${via} keeps its memory constant when it is reopened beside busy JavaScript`, async () => {
    const size = { width: 1280, height: 720 };
    const pixels = new Uint8Array((size.width * size.height * 3) / 2).fill(128);
    const frame = new VideoFrame(pixels, size.width, size.height, VideoBufferType.I420);
    const picture = new Picture(frame);
    const reopen = async () => {
      let seen = 0;
      const source = open(picture.track, {
        onFrame: ({ release }) => {
          seen += 1;
          release();
        },
        onEnd: () => {},
      });
      await picture.showUntil(() => seen > 0, frame);
      // Frames that arrive while none can be taken; the last ones arrive too late.
      for (let late = 0; late < 4; late++) {
        picture.show(frame);
        keepBusy(5);
      }
      await source.close();
    };
    for (let time = 0; time < 10; time++) await reopen();
    const before = process.memoryUsage.rss();
    for (let time = 0; time < 50; time++) await reopen();
    const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
    // With a leak of the four late ones it would be 260 MB.
    expect(grown).toBeLessThan(120);
  }, 60_000);
});

describe('openFrameSource', () => {
  test('openFrameSource taps the track natively if it can', () => {
    const { source } = read(openFrameSource, new Picture(greyFrame(1)));
    expect(source.via).toBe('native-tap');
  });

  test('openFrameSource falls back to VideoStream if rtc-node has other internals, and logs that once', async () => {
    const warn = vi.spyOn(log(), 'warn');
    const opened = [1, 2].map((grey) => {
      const picture = new Picture(greyFrame(grey));
      return { picture, ...withoutClient(() => read(openFrameSource, picture)) };
    });
    for (const { picture, source, frames } of opened) {
      expect(source.via).toBe('video-stream');
      await picture.showUntil(() => frames.some((frame) => level(frame) === 5), greyFrame(5));
    }
    const said = warn.mock.calls.filter(([line]) => String(line).includes('through VideoStream'));
    expect(said).toHaveLength(1);
  });
});

/** Hides rtc-node's client from the first caller. rtc-node itself needs it right after. */
function withoutClient<T>(work: () => T): T {
  const name = '_ffiClientInstance';
  const value: unknown = Reflect.get(globalThis, name);
  let isHidden = true;
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get: () => {
      if (!isHidden) return value;
      isHidden = false;
      return undefined;
    },
  });
  try {
    return work();
  } finally {
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
  }
}
