import type { VideoFrame } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { rgbFrame } from '../../src/frames/frame-edit.ts';
import { annotate, type Drawing } from '../../src/processors/annotate.ts';
import { doesKeepNothing } from '../../src/processors/keeps-nothing.ts';
import type { ProcessorContext } from '../../src/processors/video-processor.ts';

const SIZE = { width: 80, height: 40 };
const GREY = 90;
const context = { source: 'camera' } as ProcessorContext;

const plain = () => rgbFrame({ rgb: Buffer.alloc(3 * SIZE.width * SIZE.height, GREY), ...SIZE });

/** Whether the pixel at this place was drawn on. */
const isDrawn = ({ data, width }: VideoFrame, x: number, y: number): boolean =>
  [0, 1, 2].some((channel) => data[3 * (y * width + x) + channel] !== GREY);

/** The picture with these drawings. */
async function drawn(...drawings: Drawing[]): Promise<VideoFrame> {
  const frame = await annotate(drawings).process(plain(), context);
  if (!frame) throw new Error('the frame was withheld');
  expect([frame.width, frame.height]).toEqual([SIZE.width, SIZE.height]);
  return frame;
}

test('a frame without drawings stays as it is', async () => {
  const frame = plain();
  expect(await annotate([]).process(frame, context)).toBe(frame);
  expect(await annotate(async () => []).process(frame, context)).toBe(frame);
});

test('a function that draws may keep the frame that it gets, and drawings cannot', () => {
  expect(doesKeepNothing(annotate(() => []))).toBe(false);
  expect(doesKeepNothing(annotate([]))).toBe(true);
});

test('a function that draws gets the frame and its origin', async () => {
  const seen: unknown[] = [];
  const frame = plain();
  await annotate((...given) => {
    seen.push(...given);
    return [];
  }).process(frame, context);
  expect(seen).toEqual([frame, context]);
});

test('a line goes through all of its points, cut at the edges of the picture', async () => {
  const points = [
    { x: 0.25, y: -1 },
    { x: 0.25, y: 0.5 },
    { x: 2, y: 0.5 },
  ];
  const frame = await drawn({ line: points, color: '#ff0000' });
  const on = [
    [20, 2],
    [20, 15],
    [40, 20],
    [78, 20],
  ] as const;
  expect(on.map(([x, y]) => isDrawn(frame, x, y))).toEqual([true, true, true, true]);
  // It is not filled, and does not go on after its last point.
  const off = [
    [40, 10],
    [10, 10],
    [20, 30],
    [10, 20],
  ] as const;
  expect(off.map(([x, y]) => isDrawn(frame, x, y))).toEqual([false, false, false, false]);
  const red = frame.data.subarray(3 * (20 * SIZE.width + 40));
  expect((red[0] ?? 0) > (red[1] ?? 0)).toBe(true);
});

test('a box outside of the picture and texts without letters draw nothing', async () => {
  const frame = await drawn(
    { box: { x: 2, y: 0, width: 1, height: 1 }, label: 'gone' },
    { text: '  ', at: { x: 0.5, y: 0.5 } },
    { line: [] },
  );
  expect(frame.data.every((value) => value === GREY)).toBe(true);
});

test('a text ends after 200 characters', async () => {
  const size = { width: 400, height: 300 };
  const withText = async (length: number) => {
    const frame = rgbFrame({ rgb: Buffer.alloc(3 * 400 * 300, GREY), ...size });
    const drawing = { text: 'i'.repeat(length), at: { x: 0, y: 0 } };
    return (await annotate([drawing]).process(frame, context))?.data;
  };
  const [most, more, less] = await Promise.all([200, 300, 150].map(withText));
  expect(more).toEqual(most);
  expect(less).not.toEqual(most);
});

test('a text that is larger than the picture is left out, and the others are drawn', async () => {
  const frame = await drawn(
    { text: 'word '.repeat(100), at: { x: 0, y: 0 } },
    { text: 'Tg', at: { x: 1, y: 1 } },
  );
  expect(isDrawn(frame, 2, 2)).toBe(false);
  // It is moved into the picture.
  for (const fromEdge of [1, 8])
    expect(isDrawn(frame, SIZE.width - fromEdge, SIZE.height - fromEdge)).toBe(true);
});

test.each<[string, unknown]>([
  ['draw[1].color', { line: [], color: 'no color' }],
  ['draw[1].box', { box: { x: 0, y: 0, width: Number.NaN, height: 1 } }],
  ['draw[1].line[1]', { line: [{ x: 0, y: 0 }, { x: 0 }] }],
  ['draw[1].at', { text: 'a', at: { y: 0 } }],
  ['draw[1]', { text: 5 }],
])('a wrong drawing is an error that names %s', async (option, wrong) => {
  await expect(drawn({ line: [] }, wrong as Drawing)).rejects.toMatchObject({ option });
});

test('drawings that are neither an array nor a function are refused, also as a result', async () => {
  const wrong = { line: [] } as never;
  expect(() => annotate(wrong)).toThrow(expect.objectContaining({ option: 'draw' }));
  await expect(annotate(() => wrong).process(plain(), context)).rejects.toMatchObject({
    option: 'draw',
  });
});
