import type { VideoFrameEvent } from '@livekit/rtc-node';
import {
  LocalVideoTrack,
  VideoBufferType,
  VideoFrame,
  VideoSource,
  VideoStream,
} from '@livekit/rtc-node';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../src/frames/encode.ts';
import { chartError, chartFrame, TYPES } from '../support/frames/chart.ts';
import { decoded } from '../support/frames/pictures.ts';

/** Of 255. */
const LOSSLESS = 4;
const JPEG = 8;

const SIZES = [
  { width: 208, height: 156 },
  { width: 209, height: 155 },
  { width: 231, height: 208 },
];

describe.each(TYPES)('%s', (type) => {
  for (const size of SIZES) {
    for (const rotation of [0, 90, 180, 270] as const) {
      it(`a ${type} frame keeps its colours at ${size.width}x${size.height}, turned by ${rotation}`, async () => {
        const frame = chartFrame(type, size);
        const png = await encodeFrame(frame, { format: 'png', rotation });
        expect(chartError(await decoded(png.data), size, rotation)).toBeLessThanOrEqual(LOSSLESS);
        const jpeg = await encodeFrame(frame, { rotation });
        expect(chartError(await decoded(jpeg.data), size, rotation)).toBeLessThanOrEqual(JPEG);
      });
    }
  }

  it(`a ${type} frame is read even if its data lies in a larger buffer`, async () => {
    const [size] = SIZES as [(typeof SIZES)[number]];
    const { data } = chartFrame(type, size);
    for (const offset of [1, 2, 64]) {
      const pool = new Uint8Array(data.length + 200).fill(99);
      pool.set(data, offset);
      const view = pool.subarray(offset, offset + data.length);
      const frame = new VideoFrame(view, size.width, size.height, VideoBufferType[type]);
      const { data: png } = await encodeFrame(frame, { format: 'png' });
      expect(chartError(await decoded(png), size)).toBeLessThanOrEqual(LOSSLESS);
    }
  });

  it(`a ${type} frame of a single pixel is encoded`, async () => {
    const frame = chartFrame(type, { width: 1, height: 1 }, () => [200, 100, 50]);
    const image = await encodeFrame(frame, { format: 'png' });
    const { data } = await decoded(image.data);
    expect(image).toMatchObject({ width: 1, height: 1 });
    for (const [channel, value] of [200, 100, 50].entries()) {
      expect(Math.abs((data[channel] ?? -1) - value)).toBeLessThanOrEqual(LOSSLESS);
    }
  });
});

describe('colours as rtc-node carries them', () => {
  const size = { width: 128, height: 96 };

  it("colours match rtc-node's own conversion to I420", async () => {
    const frame = chartFrame('RGBA', size).convert(VideoBufferType.I420);
    const { data } = await encodeFrame(frame, { format: 'png' });
    expect(chartError(await decoded(data), size)).toBeLessThanOrEqual(LOSSLESS);
  });

  it('colours match after a track and its stream', async () => {
    const source = new VideoSource(size.width, size.height);
    const track = LocalVideoTrack.createVideoTrack('chart', source);
    const reader = new VideoStream(track).getReader();
    const sender = setInterval(() => source.captureFrame(chartFrame('RGBA', size)), 20);
    try {
      // A source sends its own black frames until the first one is captured.
      let event: VideoFrameEvent | undefined;
      do {
        ({ value: event } = await reader.read());
      } while (event && !event.frame.data.subarray(0, size.width).some((luma) => luma > 100));
      if (!event) throw new Error('the stream ended');
      expect(event.frame.type).toBe(VideoBufferType.I420);
      const { data } = await encodeFrame(event, { format: 'png' });
      expect(chartError(await decoded(data), size)).toBeLessThanOrEqual(LOSSLESS);
    } finally {
      clearInterval(sender);
      await reader.cancel();
      await track.close();
    }
  });
});
