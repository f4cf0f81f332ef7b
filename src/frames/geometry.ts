import { object, wholeNumber } from '../checks.ts';
import { RESIZE } from '../defaults.ts';

/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** A rectangle in pixels, measured from the top left corner. */
export interface Rect extends Size {
  left: number;
  top: number;
}

/**
 * How a picture is fitted to its box.
 *
 * - `skew`: exactly the box; the aspect ratio is not kept.
 * - `scale_aspect_fit`: the largest size inside the box, which is the output's size.
 * - `scale_aspect_cover`: the smallest size that covers the box, which is the output's size.
 * - `center_aspect_fit`: fitted inside the box, with black bars; the output is the box.
 * - `center_aspect_cover`: covers the box, cropped evenly; the output is the box.
 */
export type ResizeStrategy =
  | 'skew'
  | 'scale_aspect_fit'
  | 'scale_aspect_cover'
  | 'center_aspect_fit'
  | 'center_aspect_cover';

/** The target box of a picture and its strategy. Sides in whole pixels, at least 1. */
export interface ResizeBox extends Size {
  strategy: ResizeStrategy;
}

/** Size of a resized picture, and the position of the source in it. */
export interface ResizedGeometry extends Size {
  /**
   * The part of the output that shows the source: between the black bars for `center_aspect_fit`,
   * the whole output for every other strategy (a crop fills all of it).
   */
  content: Rect;
}

/** The output, and the resized source placed on it. Sides that exceed the output are cropped. */
export interface Placement extends Size {
  /** The entire source after resizing. `left` and `top` are negative if it is cropped. */
  picture: Rect;
}

/**
 * Size of a picture after a resize, and the part of it that shows the source.
 *
 * Pure arithmetic; equal to `livekit.agents.utils.images` of Python livekit-agents 1.8.9 to the
 * pixel, except that no side is ever zero (Python raises there).
 *
 * @param source - Size of the picture, in pixels.
 * @param box - Size to meet, in pixels, and the strategy.
 * @throws OptionError if a size is missing, if a side is not a whole number of at least 1, or for an
 * unknown strategy.
 */
export function resizedGeometry(source: Size, box: ResizeBox): ResizedGeometry {
  const { width, height, picture } = place(source, box);
  const left = Math.max(0, picture.left);
  const top = Math.max(0, picture.top);
  const content = {
    left,
    top,
    width: Math.min(width, picture.left + picture.width) - left,
    height: Math.min(height, picture.top + picture.height) - top,
  };
  return { width, height, content };
}

/**
 * The position of the resized source in the output, including the cropped parts that {@link
 * resizedGeometry} omits.
 *
 * @throws OptionError like {@link resizedGeometry}.
 */
export function place(source: Size, box: ResizeBox): Placement {
  object('source', source, 'pass the size of the picture: { width, height } in pixels');
  object('resize', box, 'pass the size to meet: { width, height, strategy } in pixels');
  checkSide('source.width', source.width);
  checkSide('source.height', source.height);
  checkSide('resize.width', box.width);
  checkSide('resize.height', box.height);
  const strategy = RESIZE.strategy.check('resize.strategy', box.strategy);
  const wide = fromWidth(source, box.width);
  const tall = fromHeight(source, box.height);
  // Each comparison matches Python's, because it decides which side wins near a tie.
  switch (strategy) {
    case 'skew':
      return alone(box);
    case 'scale_aspect_fit':
      return alone(wide.height > box.height ? tall : wide);
    case 'scale_aspect_cover':
      return alone(wide.height < box.height ? tall : wide);
    case 'center_aspect_fit':
      return centred(box, box.width / box.height > source.width / source.height ? tall : wide);
    case 'center_aspect_cover':
      return centred(
        box,
        atLeast(box, box.height / box.width > source.height / source.width ? tall : wide),
      );
  }
}

/**
 * The box to use so that no side is enlarged: a picture smaller than the box keeps its size without
 * bars; if only one side is smaller, that side is not stretched.
 */
export function withoutEnlarging(source: Size, box: ResizeBox): ResizeBox {
  if (source.width <= box.width && source.height <= box.height) {
    return { ...source, strategy: 'skew' };
  }
  // Bars may exceed the picture's size, because they enlarge nothing.
  if (box.strategy === 'center_aspect_fit') return box;
  return {
    width: Math.min(source.width, box.width),
    height: Math.min(source.height, box.height),
    strategy: box.strategy,
  };
}

/** The size of a frame after it was rotated by these degrees. */
export const uprightSize = ({ width, height }: Size, degrees: number): Size =>
  degrees % 180 === 0 ? { width, height } : { width: height, height: width };

/** The box with both sides multiplied, at least one pixel each. */
export function scaledBox(box: ResizeBox, scale: number): ResizeBox {
  return {
    width: Math.max(1, Math.floor(box.width * scale)),
    height: Math.max(1, Math.floor(box.height * scale)),
    strategy: box.strategy,
  };
}

/**
 * Height from the width. The division comes first, as in Python, because it decides the last pixel.
 */
function fromWidth(source: Size, width: number): Size {
  return { width, height: Math.trunc(source.height * (width / source.width)) };
}

function fromHeight(source: Size, height: number): Size {
  return { width: Math.trunc(source.width * (height / source.height)), height };
}

/** Truncation can leave a cover one pixel smaller than its box, visible as a black line. */
function atLeast(box: Size, size: Size): Size {
  return { width: Math.max(box.width, size.width), height: Math.max(box.height, size.height) };
}

function alone(size: Size): Placement {
  const { width, height } = visible(size);
  return { width, height, picture: { left: 0, top: 0, width, height } };
}

function centred(box: Size, size: Size): Placement {
  const { width, height } = visible(size);
  const left = Math.floor((box.width - width) / 2);
  const top = Math.floor((box.height - height) / 2);
  return { width: box.width, height: box.height, picture: { left, top, width, height } };
}

/** Truncation can reduce a side of a very long or flat source to zero; it keeps one pixel. */
function visible(size: Size): Size {
  return { width: Math.max(1, size.width), height: Math.max(1, size.height) };
}

const checkSide = (option: string, value: number): number =>
  wholeNumber(option, value, 1, Number.MAX_SAFE_INTEGER);
