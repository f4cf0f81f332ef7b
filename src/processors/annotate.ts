import type { VideoFrame } from '@livekit/rtc-node';
import type { OverlayOptions } from 'sharp';
import { OptionError } from '../errors.ts';
import { edited } from '../frames/frame-edit.ts';
import type { Size } from '../frames/geometry.ts';
import { letters } from '../frames/letters.ts';
import { checkedColour } from './colour.ts';
import { keepsNothing } from './keeps-nothing.ts';
import { coveredPixels, type Point, type Region } from './region.ts';
import type { ProcessorContext, VideoProcessor } from './video-processor.ts';

interface Drawn {
  /**
   * A name of CSS, or `#rrggbb`.
   * @defaultValue 'yellow'
   */
  readonly color?: string;
}

/** A rectangle, with a label at its upper left corner. */
export interface DrawnBox extends Drawn {
  readonly box: Region;
  readonly label?: string;
}

/** A line through two or more points. */
export interface DrawnLine extends Drawn {
  readonly line: readonly Point[];
}

/** A text with its upper left corner at this point. */
export interface DrawnText extends Drawn {
  readonly text: string;
  readonly at: Point;
}

export type Drawing = DrawnBox | DrawnLine | DrawnText;

/** What is drawn over a frame. */
export type Draw = (
  frame: VideoFrame,
  context: ProcessorContext,
) => readonly Drawing[] | Promise<readonly Drawing[]>;

const COLOR = 'yellow';
/** As shares of the picture's height, and the least in pixels. */
const STROKE = { share: 0.005, leastPixels: 2 };
const LETTERS = { share: 0.035, leastPixels: 12 };
/** The most characters of a label. */
const LABEL_LENGTH = 200;

const sizeBy = ({ share, leastPixels }: typeof STROKE, { height }: Size): number =>
  Math.max(leastPixels, Math.round(share * height));

/**
 * Draws boxes with labels, lines and texts over each frame.
 *
 * @example
 * ```ts
 * annotate(() => [{ box: { x: 0.2, y: 0.1, width: 0.3, height: 0.4 }, label: 'cup' }])
 * ```
 * @throws OptionError
 */
export function annotate(draw: readonly Drawing[] | Draw): VideoProcessor {
  if (typeof draw !== 'function' && !Array.isArray(draw))
    throw new OptionError('draw', draw, 'use an array of drawings, or a function');
  const processor: VideoProcessor = {
    name: 'annotate',
    async process(frame, context) {
      const drawings = typeof draw === 'function' ? await draw(frame, context) : draw;
      if (!Array.isArray(drawings)) throw new OptionError('draw', drawings, 'return an array');
      if (drawings.length === 0) return frame;
      const overlays = await Promise.all(
        drawings.map((one, index) => overlaysOf(one, `draw[${index}]`, frame)),
      );
      return edited(frame, (image) => image.composite(overlays.flat()));
    },
  };
  return typeof draw === 'function' ? processor : keepsNothing(processor);
}

async function overlaysOf(one: Drawing, path: string, size: Size): Promise<OverlayOptions[]> {
  const color = checkedColour(`${path}.color`, one.color ?? COLOR);
  if ('box' in one) {
    const area = coveredPixels(`${path}.box`, one.box, size);
    if (!area) return [];
    const { left: x, top: y, width, height } = area;
    const outline = `<rect x="${x}" y="${y}" width="${width}" height="${height}"/>`;
    const label = one.label ? await textAt(one.label, area, size, color) : [];
    return [shape(outline, size, color), ...label];
  }
  if ('line' in one) {
    const points = one.line.map((point, index) => pixelOf(`${path}.line[${index}]`, point, size));
    const route = points.map(({ left, top }) => `${left},${top}`).join(' ');
    return [shape(`<polyline points="${route}"/>`, size, color)];
  }
  if (typeof one.text !== 'string')
    throw new OptionError(path, one, 'use { box }, { line } or { text, at }');
  return textAt(one.text, pixelOf(`${path}.at`, one.at, size), size, color);
}

function shape(element: string, size: Size, color: string): OverlayOptions {
  const { width, height } = size;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<g fill="none" stroke="${color}" stroke-width="${sizeBy(STROKE, size)}">${element}</g></svg>`;
  return { input: Buffer.from(svg), left: 0, top: 0 };
}

/** The text on a black background, moved into the picture if it would leave it. */
async function textAt(
  text: string,
  at: { left: number; top: number },
  size: Size,
  color: string,
): Promise<OverlayOptions[]> {
  const line = text.slice(0, LABEL_LENGTH).trim();
  if (line === '') return [];
  const lineHeight = sizeBy(LETTERS, size);
  const words = letters(line, { color, lineHeight, width: size.width, wrap: 'word-char' });
  const { data, info } = await words.png().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  if (width > size.width || height > size.height) return [];
  const left = Math.min(at.left, size.width - width);
  const top = Math.min(at.top, size.height - height);
  const create = { width, height, channels: 3, background: 'black' } as const;
  return [
    { input: { create }, left, top },
    { input: data, left, top },
  ];
}

function pixelOf(path: string, point: Point, { width, height }: Size) {
  if (!Number.isFinite(point?.x) || !Number.isFinite(point?.y))
    throw new OptionError(path, point, 'use { x, y }, shares of the picture from 0 to 1');
  const within = (share: number, side: number) =>
    Math.round(Math.min(1, Math.max(0, share)) * (side - 1));
  return { left: within(point.x, width), top: within(point.y, height) };
}
