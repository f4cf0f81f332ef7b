import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoFrame } from '@livekit/rtc-node';
import { mask, type Region, type VideoProcessor } from '../../index.ts';
import { greyFrame } from '../camera/levels.ts';
import { greyLevelOf } from '../pictures/likeness.ts';
import { type PictureLike, type Pixels, pixelsOf } from '../pictures/picture.ts';
import type { StoryRecord } from './record.ts';
import type { MaskKind } from './steps.ts';

/** The part of an upright picture that no model may see: a quarter, at the top left. */
const MARKED: Region = { x: 0, y: 0, width: 0.5, height: 0.5 };
/** A saturated red as luma and chroma. */
const MARK = { y: 82, u: 90, v: 240 } as const;
/** Another colour than the mark, and than the black of a notice. */
const COVER = 'blue';
/** Duration of a slow mask, in ms: longer than the interval of the camera's frames. */
const SLOW_MS = 40;
/** A failing mask throws at one of so many frames. */
const FAILS_EVERY = 3;

/** Pictures are read at this size. */
const READ = { width: 64, height: 64 };
/** How much stronger than both others a colour is, of 255, to count as the mark or its cover. */
const STRONGER = 60;
/** Pixels of `READ` that may look like the mark by chance of the compression. */
const FEW_PIXELS = 4;

/** A grey frame with the mark in the upper left corner once it is upright. */
export function markedFrame(level: number, rotation: 0 | 90 | 180 | 270): VideoFrame {
  const frame = greyFrame(level);
  const { width, height, data } = frame;
  const u = width * height;
  const v = u + (width / 2) * (height / 2);
  // A receiver turns the frame clockwise, which moves its lower left corner up.
  const isTurned = rotation === 90;
  const fill = (plane: number, stride: number, rows: number, value: number) => {
    const from = isTurned ? rows / 2 : 0;
    for (let row = from; row < from + rows / 2; row++)
      data.fill(value, plane + row * stride, plane + row * stride + stride / 2);
  };
  fill(0, width, height, MARK.y);
  fill(u, width / 2, height / 2, MARK.u);
  fill(v, width / 2, height / 2, MARK.v);
  return frame;
}

/** A processor that hides the mark. */
export function markMask(kind: MaskKind): VideoProcessor {
  let frames = 0;
  const find = async () => {
    frames += 1;
    if (kind === 'failing' && frames % FAILS_EVERY === 0) throw new Error('the mask failed');
    if (kind === 'slow') await sleep(SLOW_MS);
    return [MARKED];
  };
  return mask(kind === 'well' ? [MARKED] : find, { color: COVER });
}

/** The grey level of a story's picture, without its mark or cover; `undefined` for a notice. */
export async function storyLevel(picture: PictureLike): Promise<number | undefined> {
  const pixels = await pixelsOf(picture, READ);
  const isCovered = countOf(pixels, BLUE) > FEW_PIXELS || countOf(pixels, RED) > FEW_PIXELS;
  return greyLevelOf(isCovered ? lowerRight(pixels) : pixels);
}

/** The pictures of a story that show the mark, and how many pictures were checked. */
export async function markBreaks({
  asked,
  received,
  handed,
  questions,
}: StoryRecord): Promise<{ checked: number; breaks: { step: number; message: string }[] }> {
  const all = [
    ...asked.flatMap(({ pictures, question, agent }) => {
      const step = questions.find(({ number }) => number === question)?.step ?? 0;
      const where = `the request of question ${question} to ${agent}`;
      return pictures.map((picture) => ({ picture, step, where }));
    }),
    ...received.map(({ picture, agent }) => ({ picture, step: 0, where: `a frame for ${agent}` })),
    ...handed.map(({ picture, step, by }) => ({ picture, step, where: `the picture of ${by}` })),
  ];
  const breaks: { step: number; message: string }[] = [];
  for (const { picture, step, where } of all)
    if (countOf(await pixelsOf(picture, READ), RED) > FEW_PIXELS)
      breaks.push({ step, message: `${where} shows what the mask hides` });
  return { checked: all.length, breaks };
}

const RED = 0;
const BLUE = 2;

/** How many pixels have this colour. */
function countOf({ data }: Pixels, colour: typeof RED | typeof BLUE): number {
  let count = 0;
  for (let at = 0; at < data.length; at += 3) {
    const rgb = data.subarray(at, at + 3);
    const strongest = rgb[colour] ?? 0;
    if (rgb.every((value, index) => index === colour || value + STRONGER < strongest)) count += 1;
  }
  return count;
}

/** A part that has neither mark nor cover, nor what compression leaves of them beside their edge. */
function lowerRight({ data, width, height }: Pixels): Pixels {
  const [left, top] = [Math.ceil(width * 0.7), Math.ceil(height * 0.75)];
  const rows = Array.from({ length: height - top }, (_, row) =>
    data.subarray(3 * ((top + row) * width + left), 3 * (top + row + 1) * width),
  );
  return { data: Buffer.concat(rows), width: width - left, height: height - top };
}
