import sharp from 'sharp';
import { expect, test } from 'vitest';
import { encodeFrame } from '../../../src/index.ts';
import type { ProcessorContext } from '../../../src/processors/video-processor.ts';
import { greyFrame } from '../../../src/testing/camera/levels.ts';
import { pixelsOf } from '../../../src/testing/pictures/picture.ts';
import { markBreaks, markedFrame, markMask, storyLevel } from '../../../src/testing/story/masks.ts';
import { StoryRecord } from '../../../src/testing/story/record.ts';

const TURNED = { 0: 0, 90: 1, 180: 2, 270: 3 } as const;

/** The colours of the corners of a picture, clockwise from the upper left. */
async function corners(picture: Parameters<typeof pixelsOf>[0]): Promise<string[]> {
  const { data, width, height } = await pixelsOf(picture);
  return [
    [1, 1],
    [width - 2, 1],
    [width - 2, height - 2],
    [1, height - 2],
  ].map(([x = 0, y = 0]) => {
    const [red = 0, green = 0, blue = 0] = data.subarray(3 * (y * width + x));
    return red > green + 60 && red > blue + 60 ? 'red' : 'grey';
  });
}

test('a marked frame has the mark in the upper left corner once it is upright', async () => {
  const marked = ['red', 'grey', 'grey', 'grey'];
  expect(await corners(markedFrame(4, 0))).toEqual(marked);
  expect(await corners({ frame: markedFrame(4, 90), rotation: TURNED[90] })).toEqual(marked);
});

test('the level of a marked, a covered or a plain picture is read, and a notice has none', async () => {
  const cover = { width: 48, height: 32, channels: 3, background: '#0000ff' } as const;
  const { data, width, height } = await pixelsOf(greyFrame(6));
  const covered = await sharp(data, { raw: { width, height, channels: 3 } })
    .composite([{ input: { create: cover }, left: 0, top: 0 }])
    .jpeg()
    .toBuffer();
  expect(await storyLevel(covered)).toBe(6);
  expect(await storyLevel(markedFrame(3, 0))).toBe(3);
  expect(await storyLevel(greyFrame(9))).toBe(9);
  const words = Buffer.from(
    '<svg width="96" height="64"><rect width="96" height="64"/><text y="50" font-size="50" fill="white">off</text></svg>',
  );
  expect(await storyLevel(await sharp(words).png().toBuffer())).toBeUndefined();
});

test.each(['jpeg', 'webp'] as const)(
  'the level of a picture that the mask covered is read from a %s of low quality too',
  async (format) => {
    for (let level = 0; level < 10; level++) {
      const shown = await markMask('well').process(markedFrame(level, 0), {} as ProcessorContext);
      if (!shown) throw new Error('the mask withholds the frame');
      const resize = { width: 96, height: 48, strategy: 'skew' } as const;
      for (const options of [{}, { resize }])
        expect(
          await storyLevel(await encodeFrame(shown, { format, quality: 50, ...options })),
        ).toBe(level);
    }
  },
);

test('a picture without a mark breaks nothing, and a request without a question is still checked', async () => {
  const record = new StoryRecord();
  const request = {
    at: 0,
    agent: 'pipeline',
    isFollowUp: false,
    isSpeech: false,
    own: [],
  } as const;
  record.asked.push({ ...request, question: 4, pictures: [greyFrame(1), markedFrame(1, 0)] });
  expect(await markBreaks(record)).toEqual({
    checked: 2,
    breaks: [
      { step: 0, message: 'the request of question 4 to pipeline shows what the mask hides' },
    ],
  });
});
