import { type VideoBufferType, type VideoFrame, VideoRotation } from '@livekit/rtc-node';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import { FrameGate } from '../../src/frames/gate.ts';
import {
  annotate,
  caption,
  crop,
  type Drawing,
  mask,
  type Region,
  type VideoProcessor,
} from '../../src/index.ts';
import { ProcessorChain } from '../../src/processors/processor-chain.ts';
import { type AnyProcessor, checkedProcessors } from '../../src/processors/video-processor.ts';
import { chartFrame, TYPES } from '../support/frames/chart.ts';

const WIDTH = 160;
const HEIGHT = 120;

/** Where the pixel is in the upright picture, in shares. */
type Colour = (x: number, y: number) => readonly [number, number, number];

/** A frame whose upright picture has these colours. */
function frameOf(
  colour: Colour,
  rotation: VideoRotation,
  width = WIDTH,
  height = HEIGHT,
  type: keyof typeof VideoBufferType = 'RGB24',
) {
  return chartFrame(type, { width, height }, (column, row) => {
    const across = (column + 0.5) / width;
    const down = (row + 0.5) / height;
    const [x, y] = [
      [across, down],
      [1 - down, across],
      [1 - across, 1 - down],
      [down, 1 - across],
    ][rotation] ?? [0, 0];
    return colour(x ?? 0, y ?? 0);
  });
}

const GREY: Colour = () => [90, 90, 90];
/** Its chroma shows beyond an edge that is not covered by whole samples. */
const MAGENTA_IN =
  (region: Region): Colour =>
  (x, y) =>
    WHITE_IN(region)(x, y)[0] === 255 ? [255, 0, 255] : [90, 90, 90];
const WHITE_IN =
  ({ x, y, width, height }: Region): Colour =>
  (across, down) =>
    across >= x && across < x + width && down >= y && down < y + height
      ? [255, 255, 255]
      : [90, 90, 90];

/** The picture that leaves a gate with these processors, as raw RGB. */
async function leaving(frame: VideoFrame, rotation: VideoRotation, ...processors: AnyProcessor[]) {
  const failures: Error[] = [];
  const chain = new ProcessorChain(checkedProcessors('processors', processors), (error) =>
    failures.push(error),
  );
  const gate = new FrameGate({
    ledger: new FrameLedger(),
    mayShow: () => true,
    processing: chain,
    onEncoded: () => {},
    onSent: () => {},
  });
  gate.intake('camera').put(
    {
      width: frame.width,
      height: frame.height,
      rotation,
      isBlack: () => false,
      read: () => frame,
      release: () => {},
    },
    { trackSid: 'TR_1', identity: 'ada', source: 'camera', receivedAt: 0 },
  );
  const picture = await gate.picture({
    sourceId: 'camera',
    purpose: 'turn',
    image: { format: 'png' },
  });
  const image = picture?.handOver();
  picture?.done('sent');
  if (failures[0]) throw failures[0];
  if (!image) return undefined;
  const { data, info } = await sharp(image.data).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    width,
    height,
    at: (x: number, y: number): number[] => {
      const column = Math.min(width - 1, Math.floor(x * width));
      const row = Math.min(height - 1, Math.floor(y * height));
      return [...data.subarray(channels * (row * width + column)).subarray(0, 3)];
    },
    brightest: data.reduce((most, value) => Math.max(most, value), 0),
  };
}

const side = fc.integer({ min: 16, max: 90 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const regions = fc.tuple(share, share, share, share).map(([a, b, c, d]): Region => {
  const [x, y] = [Math.min(a, 0.95), Math.min(b, 0.95)];
  return { x, y, width: Math.max(0.01, c * (1 - x)), height: Math.max(0.01, d * (1 - y)) };
});
const rotations = fc.constantFrom<VideoRotation>(0, 1, 2, 3);

describe('mask', () => {
  test('no pixel of a masked region leaves, at any size and rotation, in any format', async () => {
    await fc.assert(
      fc.asyncProperty(
        regions,
        rotations,
        side,
        side,
        fc.constantFrom(...TYPES),
        async (region, rotation, width, height, type) => {
          const frame = frameOf(MAGENTA_IN(region), rotation, width, height, type);
          const picture = await leaving(frame, rotation, mask([region]));
          expect(picture?.brightest).toBeLessThanOrEqual(92);
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each(TYPES)('what is outside of a masked region of %s stays as it is', async (type) => {
    const picture = await leaving(
      frameOf(GREY, VideoRotation.VIDEO_ROTATION_0, WIDTH, HEIGHT, type),
      VideoRotation.VIDEO_ROTATION_0,
      mask([{ x: 0.5, y: 0, width: 0.5, height: 1 }], { color: '#cc5522' }),
    );
    const distance = (x: number, colour: readonly number[]) =>
      Math.max(...colour.map((value, at) => Math.abs(value - (picture?.at(x, 0.5)[at] ?? 0))));
    // Planes hold about 220 levels of each channel, RGB24 all of them.
    const most = type === 'RGB24' ? 0 : 2;
    expect(distance(0.25, [90, 90, 90])).toBeLessThanOrEqual(most);
    expect(distance(0.75, [0xcc, 0x55, 0x22])).toBeLessThanOrEqual(most);
  });

  test.each(TYPES)(
    'a blurred region of %s keeps its colour, and none of its stripes',
    async (type) => {
      const stripes: Colour = (x) => (Math.floor(x * WIDTH) % 4 < 2 ? [255, 255, 255] : [0, 0, 0]);
      const picture = await leaving(
        frameOf(stripes, VideoRotation.VIDEO_ROTATION_0, WIDTH, HEIGHT, type),
        VideoRotation.VIDEO_ROTATION_0,
        mask([{ x: 0.25, y: 0.25, width: 0.5, height: 0.5 }], { style: 'blur' }),
      );
      const row = Array.from({ length: 40 }, (_, at) => picture?.at(0.3 + at / 100, 0.5)[0] ?? 0);
      expect(Math.max(...row) - Math.min(...row)).toBeLessThan(60);
      expect(picture?.at(0.5, 0.1)).not.toEqual(picture?.at(0.5 + 2 / WIDTH, 0.1));
    },
  );

  test.each<[string, Region]>([
    ['a line of text', { x: 0, y: 0.45, width: 1, height: 0.1 }],
    ['a narrow column', { x: 0.45, y: 0, width: 0.1, height: 1 }],
  ])('a blurred region shows no stroke of %s', async (_, region) => {
    const isWide = region.width > region.height;
    // Strokes across the longer side, 2 pixels wide.
    const strokes: Colour = (x, y) =>
      Math.floor(isWide ? x * WIDTH : y * HEIGHT) % 4 < 2 ? [255, 255, 255] : [0, 0, 0];
    const picture = await leaving(
      frameOf(strokes, VideoRotation.VIDEO_ROTATION_0),
      VideoRotation.VIDEO_ROTATION_0,
      mask([region], { style: 'blur' }),
    );
    const along = Array.from({ length: HEIGHT }, (_, at) => {
      const place = (at + 0.5) / HEIGHT;
      return (isWide ? picture?.at(place, 0.5) : picture?.at(0.5, place))?.[0] ?? 0;
    });
    expect(Math.max(...along) - Math.min(...along)).toBeLessThan(60);
  });

  test('regions that a function finds may lie beyond the edge of the picture', async () => {
    const picture = await leaving(
      frameOf(WHITE_IN({ x: 0, y: 0, width: 0.5, height: 0.5 }), VideoRotation.VIDEO_ROTATION_0),
      VideoRotation.VIDEO_ROTATION_0,
      mask(async () => [
        { x: -0.3, y: -2, width: 0.8, height: 2.5 },
        { x: 3, y: 3, width: 1, height: 1 },
      ]),
    );
    expect(picture?.brightest).toBe(90);
  });

  test.each<[string, unknown]>([
    ['a region without a number', [{ x: 0, y: 0, width: Number.NaN, height: 1 }]],
    ['nothing', undefined],
  ])('a function that returns %s withholds the frame', async (_, found) => {
    const frame = frameOf(GREY, VideoRotation.VIDEO_ROTATION_0);
    await expect(
      leaving(
        frame,
        VideoRotation.VIDEO_ROTATION_0,
        mask(() => found as Region[]),
      ),
    ).rejects.toMatchObject({ processor: 'mask' });
  });

  test.each([
    { x: 0, y: 0, width: 2, height: 1 },
    { x: -1, y: 0, width: 1, height: 1 },
    { x: 0, y: 0, width: 0, height: 1 },
  ])('a fixed region outside of the picture is an error: %j', (region) => {
    expect(() => mask([region])).toThrow('regions[0] is');
  });

  test('a wrong colour is an error that names it', () => {
    expect(() => mask([], { color: 'url(x)' })).toThrow('options.color is "url(x)"');
  });
});

describe('crop', () => {
  test.each([0, 1, 2, 3] as const)(
    'only the region is left of the upright picture, at rotation %i',
    async (rotation) => {
      const region = { x: 0.5, y: 0, width: 0.5, height: 0.25 };
      const picture = await leaving(frameOf(WHITE_IN(region), rotation), rotation, crop(region));
      const upright = rotation % 2 === 0 ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH];
      expect([picture?.width, picture?.height]).toEqual([
        (upright[0] ?? 0) / 2,
        (upright[1] ?? 0) / 4,
      ]);
      for (const [x, y] of [
        [0.02, 0.05],
        [0.98, 0.95],
      ] as const)
        expect(picture?.at(x, y)).toEqual([255, 255, 255]);
    },
  );

  test('a crop reports the region that it shows, in shares of each side', () => {
    const region = { x: 0.25, y: 0.5, width: 0.5, height: 0.25 };
    for (const [width, height] of [
      [WIDTH, HEIGHT],
      [HEIGHT, WIDTH],
    ] as const)
      expect(crop(region).shownRegion?.({ width, height })).toEqual(region);
  });
});

describe('caption and annotate', () => {
  const plain = () => frameOf(GREY, VideoRotation.VIDEO_ROTATION_0, 640, 360);
  const shown = (...processors: VideoProcessor[]) =>
    leaving(plain(), VideoRotation.VIDEO_ROTATION_0, ...processors);

  test('a caption is white on black, at the bottom', async () => {
    const picture = await shown(caption(({ identity }) => `camera of ${identity} <b>&`));
    expect(picture?.brightest).toBe(255);
    expect(picture?.at(0.999, 0.999)).toEqual([0, 0, 0]);
    expect(picture?.at(0.5, 0.5)).toEqual([90, 90, 90]);
  });

  test('a picture that has no place for a caption and its margin stays as it is', async () => {
    const rotation = VideoRotation.VIDEO_ROTATION_0;
    const brightest: number[] = [];
    for (const height of [20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60]) {
      const frame = frameOf(GREY, rotation, WIDTH, height);
      const picture = await leaving(frame, rotation, caption('one\ntwo\nthree'));
      expect([picture?.width, picture?.height]).toEqual([WIDTH, height]);
      brightest.push(picture?.brightest ?? 0);
    }
    expect([brightest.at(0), brightest.at(-1)]).toEqual([90, 255]);
  });

  test('an empty caption changes nothing', async () => {
    expect((await shown(caption(() => ' ')))?.at(0.99, 0.99)).toEqual([90, 90, 90]);
  });

  test('a box is drawn at its place in the picture, with its label', async () => {
    const box = { x: 0.5, y: 0.5, width: 0.25, height: 0.25 };
    const picture = await shown(annotate(() => [{ box, color: '#00ff00', label: 'cup' }]));
    expect(picture?.at(0.75, 0.6)[1]).toBeGreaterThan(150);
    expect(picture?.at(0.7, 0.7)).toEqual([90, 90, 90]);
    expect(picture?.at(0.503, 0.507)).not.toEqual([90, 90, 90]);
  });

  test('lines and texts are drawn, and a label at the edge stays inside', async () => {
    const picture = await shown(
      annotate([
        {
          line: [
            { x: 0, y: 0.5 },
            { x: 1, y: 0.5 },
          ],
          color: 'white',
        },
        { text: 'edge', at: { x: 1, y: 1 }, color: 'white' },
      ]),
    );
    expect(picture?.at(0.3, 0.5)[0]).toBeGreaterThan(150);
    expect([picture?.width, picture?.height]).toEqual([640, 360]);
    expect(picture?.at(0.999, 0.999)).not.toEqual([90, 90, 90]);
    // The word ends at the right edge: it was moved to the left.
    expect(picture?.at(0.97, 0.985)).not.toEqual([90, 90, 90]);
  });

  test.each<[string, unknown]>([
    ['a colour with markup', { box: { x: 0, y: 0, width: 1, height: 1 }, color: '"/><image' }],
    ['no drawing', { circle: 1 }],
    ['a point without a number', { text: 'a', at: { x: 0 } }],
  ])('%s withholds the frame', async (_, drawing) => {
    await expect(shown(annotate(() => [drawing as Drawing]))).rejects.toMatchObject({
      processor: 'annotate',
    });
  });
});
