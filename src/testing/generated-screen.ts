import type { LumaPlane } from '../frames/luma.ts';
import { Random } from './random.ts';

/** A letter of a font of 12 pixels. */
const LETTER = { width: 7, height: 12 } as const;
/** Distance between two lines of text, in pixels. */
export const LINE_STEP = 18;
/** Strokes of a letter, in pixels. */
const STROKES = 3;

/** Something on a screen. Places and sizes are in pixels. */
export type ScreenItem =
  /** Letters are strokes that look the same for the same character. */
  | { readonly text: string; readonly x: number; readonly y: number }
  | Readonly<Record<'x' | 'y' | 'width' | 'height' | 'luma', number>>;

export interface GeneratedScreenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly paper?: number;
  readonly ink?: number;
}

/** Luma planes of a shared screen: items on a plain background, later ones in front. */
export class GeneratedScreen {
  readonly width: number;
  readonly height: number;
  readonly #paper: number;
  readonly #ink: number;

  constructor({ width = 1920, height = 1080, paper = 235, ink = 40 }: GeneratedScreenOptions = {}) {
    this.width = width;
    this.height = height;
    this.#paper = paper;
    this.#ink = ink;
  }

  /** The luma plane of a screen that shows these items. */
  showing(items: readonly ScreenItem[]): LumaPlane {
    const { width, height } = this;
    const pixels = new Uint8Array(width * height).fill(this.#paper);
    const fill = (x: number, y: number, across: number, down: number, luma: number) => {
      const [left, right] = [Math.max(0, x), Math.min(width, x + across)];
      for (let row = Math.max(0, y); row < Math.min(height, y + down) && left < right; row++)
        pixels.fill(luma, row * width + left, row * width + right);
    };
    for (const item of items) {
      if (!('text' in item)) {
        fill(item.x, item.y, item.width, item.height, item.luma);
        continue;
      }
      for (const [at, letter] of [...item.text].entries())
        for (const { x, y, across, down } of strokesOf(letter))
          fill(item.x + at * LETTER.width + x, item.y + y, across, down, this.#ink);
    }
    const read = (at: number, length: number) => pixels.subarray(at, at + length);
    return { width, height, stride: width, read };
  }
}

/** The strokes of a character, inside its own box. */
function strokesOf(letter: string) {
  if (letter === ' ') return [];
  const random = new Random(letter.charCodeAt(0));
  const below = (limit: number) => Math.floor(random.next() * limit);
  return Array.from({ length: STROKES }, (_, stroke) =>
    stroke % 2
      ? { x: 0, y: below(LETTER.height - 1), across: LETTER.width - 2, down: 2 }
      : { x: below(LETTER.width - 2), y: 1, across: 2, down: LETTER.height - 3 },
  );
}
