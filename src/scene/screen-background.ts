import type { LumaPicture } from '../frames/luma.ts';
import type { SceneBackground } from './background.ts';

/** The small picture of a shared screen: cells of 8x12 pixels at 1440p, about a letter each. */
export const SCREEN_SIZE = { width: 320, height: 120 } as const;

/** A cell whose mean or texture differs by less than this is the same. */
const TOLERANCE = 12;
/**
 * The same as a share of the texture: a codec blurs a picture that changes, and sharpens it later.
 * Letters that change have other means as well. With less, text on a dark screen of 1440p counts as
 * changed after it was compressed again, as a JPEG of quality 30.
 */
const TEXTURE_TOLERANCE = 0.5;
/**
 * Cells in a row that are a change: a line of about 14 small letters. A cursor, a mouse pointer and
 * the digits of a clock are narrower.
 */
const STRETCH = 12;
/** Unchanged cells between two changed ones of a stretch: letters differ less than words. */
const GAP = 2;
/** Changed cells that are a change wherever they are, as a share: numbers in a table are short. */
const MANY = 0.003;
/** A change too small to be reported is part of the usual screen after this time, in ms. */
const ABSORB_MS = 30_000;
/** Time constant with which unchanged cells are followed, in ms: a codec sharpens a still picture. */
const FOLLOW_MS = 8000;

/**
 * The usual appearance of a shared screen. Unlike a camera's it has no light and no noise, and the
 * changes that matter are as small as one line of text.
 */
export class ScreenBackground implements SceneBackground {
  #means: Float32Array;
  #textures: Float32Array;
  readonly #columns: number;
  /** Since when a cell differs; `NaN` if it does not. */
  readonly #since: Float64Array;
  #at: number;

  constructor(picture: LumaPicture, atMs: number) {
    this.#columns = picture.width;
    this.#means = picture.means.slice();
    this.#textures = picture.textures.slice();
    this.#since = new Float64Array(picture.means.length).fill(Number.NaN);
    this.#at = atMs;
  }

  compare({ means, textures }: LumaPicture, atMs: number, forMs: number) {
    const follow = 1 - Math.exp(-Math.max(0, atMs - this.#at) / FOLLOW_MS);
    this.#at = atMs;
    const differing = new Uint8Array(means.length);
    const lasting = new Uint8Array(means.length);
    for (let i = 0; i < means.length; i++) {
      const [usual, mean] = [this.#means[i] ?? 0, means[i] ?? 0];
      const [usualTexture, texture] = [this.#textures[i] ?? 0, textures[i] ?? 0];
      const isOther = differs(usual, mean) || differsInTexture(usualTexture, texture);
      if (!isOther) this.#since[i] = Number.NaN;
      else if (Number.isNaN(this.#since[i])) this.#since[i] = atMs;
      const differsForMs = isOther ? atMs - (this.#since[i] ?? atMs) : 0;
      if (isOther) differing[i] = 1;
      if (isOther && differsForMs >= forMs) lasting[i] = 1;
      const share = isOther ? Number(differsForMs >= ABSORB_MS) : follow;
      this.#means[i] = usual + (mean - usual) * share;
      this.#textures[i] = usualTexture + (texture - usualTexture) * share;
    }
    return {
      lasting: stretchShare(lasting, this.#columns),
      differing: stretchShare(differing, this.#columns),
    };
  }

  adopt({ means, textures }: LumaPicture): void {
    this.#means = means.slice();
    this.#textures = textures.slice();
    this.#since.fill(Number.NaN);
  }
}

/** The share of a screen that differs between two pictures of it, without what is no line of text. */
export function screenMotion(before: LumaPicture, after: LumaPicture): number {
  const marks = before.means.map((mean, i) =>
    Number(
      differs(mean, after.means[i] ?? 0) ||
        differsInTexture(before.textures[i] ?? 0, after.textures[i] ?? 0),
    ),
  );
  return stretchShare(marks, after.width);
}

const differs = (one: number, other: number): boolean => Math.abs(one - other) > TOLERANCE;

const differsInTexture = (one: number, other: number): boolean =>
  Math.abs(one - other) > Math.max(TOLERANCE, TEXTURE_TOLERANCE * Math.max(one, other));

/**
 * The share of the cells that are marked, if they are many, or else of those in a stretch: marked
 * cells in a row, with small gaps. A line of text can be in two rows of cells, and then each has a
 * part of the marks.
 */
function stretchShare(marks: ArrayLike<number>, columns: number): number {
  let cells = 0;
  let all = 0;
  for (let row = 0; row < marks.length; row += columns) {
    let start = 0;
    let end = -1;
    let marked = 0;
    const close = () => {
      if (end - start + 1 >= STRETCH) cells += marked;
    };
    for (let column = 0; column < columns; column++) {
      const here = marks[row + column];
      if (here) all++;
      if (!here && !marks[row + columns + column]) continue;
      if (column - end > GAP + 1) {
        close();
        start = column;
        marked = 0;
      }
      end = column;
      marked++;
    }
    close();
  }
  return (all >= MANY * marks.length ? Math.max(all, cells) : cells) / marks.length;
}
