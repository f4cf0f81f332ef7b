import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { copyOf, edited, isVideoFrame, painted, upright } from '../../src/frames/frame-edit.ts';
import { chartError, chartFrame, TYPES } from '../support/frames/chart.ts';

const size = { width: 40, height: 30 };

test('a frame of any format is one, and an object whose length does not match is none', () => {
  for (const type of TYPES) expect(isVideoFrame(chartFrame(type, size))).toBe(true);
  const { data, ...rest } = chartFrame('RGBA', size);
  // A frame of another copy of rtc-node has another class.
  expect(isVideoFrame({ ...rest, data })).toBe(true);
  for (const value of [null, undefined, 'frame', 5, {}, { ...rest }])
    expect(isVideoFrame(value)).toBe(false);
  expect(isVideoFrame({ ...rest, data: data.subarray(1) })).toBe(false);
});

test('a copy has the same pixels in memory of its own, without an offset', () => {
  const frame = chartFrame('I420', size);
  const shifted = new Uint8Array(frame.data.length + 8);
  shifted.set(frame.data, 8);
  const part = shifted.subarray(8);
  const copy = copyOf({ ...size, type: VideoBufferType.I420, data: part });
  expect(copy).toMatchObject({ ...size, type: VideoBufferType.I420 });
  expect(copy.data.byteOffset).toBe(0);
  part.fill(0);
  expect(Buffer.compare(copy.data, frame.data)).toBe(0);
});

test('planes of 8 bits are painted in place, each in its own size', async () => {
  const odd = { width: 41, height: 31 };
  for (const [type, columns, rows] of [
    ['I420', 21, 16],
    ['I422', 21, 31],
    ['I444', 41, 31],
  ] as const) {
    const frame = chartFrame(type, odd);
    const made = await painted(frame, async (planes) => {
      expect(
        planes.map(({ kind, width, height, data }) => [kind, width, height, data.length]),
      ).toEqual([
        ['y', 41, 31, 41 * 31],
        ['u', columns, rows, columns * rows],
        ['v', columns, rows, columns * rows],
      ]);
      for (const { kind, data } of planes) data[0] = { y: 1, u: 2, v: 3, rgb: 4 }[kind];
    });
    expect(made).toMatchObject({ ...odd, type: VideoBufferType[type] });
    const at = (index: number) => made.data[index];
    expect([at(0), at(41 * 31), at(41 * 31 + columns * rows)]).toEqual([1, 2, 3]);
    expect(made).toBe(frame);
  }
});

test.each(TYPES.filter((type) => !['I420', 'I422', 'I444'].includes(type)))(
  'a painted %s frame has the new pixels as RGB24, and the old one stays',
  async (type) => {
    const frame = chartFrame(type, size);
    const before = Buffer.from(frame.data);
    const made = await painted(frame, async ([plane, ...more]) => {
      expect(more).toEqual([]);
      expect(plane).toMatchObject({ kind: 'rgb', width: 40, height: 30, channels: 3 });
      plane?.data.fill(7, 0, 3);
    });
    expect(made).toMatchObject({ ...size, type: VideoBufferType.RGB24 });
    expect(made.data).toHaveLength(3600);
    expect([...made.data.subarray(0, 3)]).toEqual([7, 7, 7]);
    expect(Buffer.compare(frame.data, before)).toBe(0);
  },
);

test('an edited frame has the size of the result, and three channels', async () => {
  const clear = { width: 20, height: 10, channels: 4, background: '#0000' } as const;
  const made = await edited(chartFrame('RGBA', size), async (image) =>
    image
      .extract({ left: 0, top: 0, width: 20, height: 10 })
      .composite([{ input: await sharp({ create: clear }).png().toBuffer() }]),
  );
  expect(made).toMatchObject({ width: 20, height: 10, type: VideoBufferType.RGB24 });
  expect(made.data).toHaveLength(600);
});

test.each([1, 2, 3] as const)(
  'a frame is turned upright by %s quarter turns clockwise',
  async (turns) => {
    const { data, width, height } = await upright(chartFrame('I420', size), turns);
    expect(chartError({ data: Buffer.from(data), width, height }, size, 90 * turns)).toBeLessThan(
      8,
    );
  },
);

test('a frame that is upright is not copied', async () => {
  const frame = new VideoFrame(new Uint8Array(16), 2, 2, VideoBufferType.RGBA);
  expect(await upright(frame, 0)).toBe(frame);
});
