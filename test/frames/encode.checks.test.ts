import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import { describe, expect, it } from 'vitest';
import { EncodeError, OptionError } from '../../src/errors.ts';
import { encodeFrame } from '../../src/frames/encode.ts';
import { chartError, chartFrame, TYPES } from '../support/frames/chart.ts';
import { decoded } from '../support/frames/pictures.ts';

const LANDSCAPE = { width: 208, height: 120 };

describe.each(TYPES)('%s', (type) => {
  for (const difference of [-1, 1, 64]) {
    it(`a ${type} frame with ${difference} bytes more than it needs is refused, with both numbers`, async () => {
      const { data } = chartFrame(type, LANDSCAPE);
      const other = new Uint8Array(data.length + difference);
      const frame = new VideoFrame(other, LANDSCAPE.width, LANDSCAPE.height, VideoBufferType[type]);
      const failure = encodeFrame(frame);
      await expect(failure).rejects.toBeInstanceOf(EncodeError);
      await expect(failure).rejects.toThrow(
        `208x120 in ${type} has ${data.length} bytes without gaps, but its data has ${other.length}`,
      );
    });
  }
});

describe('frames whose length rtc-node computes wrongly', () => {
  // It takes the square of the chroma width for the size of a chroma plane.
  const square = (width: number): number => 2 * Math.ceil(width / 2) ** 2;

  it.each([
    ['NV12', 1],
    ['I420A', 2],
  ] as const)(
    'a landscape frame in %s has extra bytes, which are ignored',
    async (type, planes) => {
      const { width, height } = LANDSCAPE;
      const data = new Uint8Array(planes * width * height + square(width));
      data.set(chartFrame(type, LANDSCAPE).data);
      const image = await encodeFrame(new VideoFrame(data, width, height, VideoBufferType[type]), {
        format: 'png',
      });
      expect(chartError(await decoded(image.data), LANDSCAPE)).toBeLessThanOrEqual(4);
    },
  );

  it.each([
    ['NV12', 1],
    ['I420A', 2],
  ] as const)('a portrait frame in %s is too short and is refused', async (type, planes) => {
    const [width, height] = [120, 208];
    const data = new Uint8Array(planes * width * height + square(width));
    const frame = new VideoFrame(data, width, height, VideoBufferType[type]);
    await expect(encodeFrame(frame)).rejects.toThrow(EncodeError);
  });
});

describe('invalid frames', () => {
  it.each([
    [0, 0],
    [0, 720],
    [1280, 0],
    [-4, 4],
    [1.5, 2],
    [Number.NaN, 2],
  ])('a frame of %sx%s pixels is refused', async (width, height) => {
    const frame = new VideoFrame(new Uint8Array(0), width, height, VideoBufferType.I420);
    await expect(encodeFrame(frame)).rejects.toThrow(EncodeError);
    await expect(encodeFrame(frame)).rejects.toThrow(`${width}x${height}`);
  });

  it('a frame of an unknown pixel format is refused', async () => {
    const frame = new VideoFrame(new Uint8Array(16), 2, 2, 42 as VideoBufferType);
    await expect(encodeFrame(frame)).rejects.toThrow('unknown pixel format: 42');
    await expect(encodeFrame(frame)).rejects.toThrow(EncodeError);
  });

  it('a frame without data is refused', async () => {
    const frame = new VideoFrame(undefined as unknown as Uint8Array, 2, 2, VideoBufferType.I420);
    await expect(encodeFrame(frame)).rejects.toThrow(EncodeError);
  });
});

it.each([
  [Buffer.of(1, 2), 'of class Buffer'],
  [undefined, 'undefined'],
  ['frame', '"frame"'],
  [{ frame: Buffer.of(1, 2) }, 'of type object'],
])('a value that is no frame is refused with a remedy: %#', async (given, what) => {
  const failure = encodeFrame(given as unknown as VideoFrame);
  await expect(failure).rejects.toBeInstanceOf(OptionError);
  await expect(failure).rejects.toThrow(
    `input is ${what}: give a VideoFrame of rtc-node, or { frame, rotation }`,
  );
});
