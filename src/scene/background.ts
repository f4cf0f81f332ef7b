import type { LumaPicture } from '../frames/luma.ts';

/** A cell whose luma differs by less than this counts as unchanged. */
const TOLERANCE = 10;
/**
 * Multiple of a cell's usual variation that counts as a change: a tree in the wind moves
 * constantly.
 */
const UNREST_FACTOR = 4;
/** A uniform change of light up to this many levels is ignored; a larger one is a change. */
const MAX_LIGHT_STEP = 24;
/** Time constants with which the background follows unchanged and changed cells, in ms. */
const FOLLOW_MS = 8000;
const FOLLOW_DIFFERENT_MS = 40_000;

/** The usual appearance of what a source shows. */
export interface SceneBackground {
  /**
   * The share of the picture that has differed for `forMs`, and the share that differs now, 0 to 1.
   * The background is then updated.
   */
  compare(
    picture: LumaPicture,
    atMs: number,
    forMs: number,
  ): { readonly lasting: number; readonly differing: number };
  /** Takes this picture as the new background. */
  adopt(picture: LumaPicture): void;
}

/**
 * The usual appearance of a camera's scene. It follows slow changes of light, learns where the scene
 * always moves, and ignores noise and anything smaller than two cells in each direction.
 */
export class CameraBackground implements SceneBackground {
  readonly #columns: number;
  readonly #rows: number;
  readonly #means: Channel;
  readonly #textures: Channel;
  /** Since when a cell differs; `NaN` if it does not. */
  readonly #since: Float64Array;
  #at: number;

  constructor(picture: LumaPicture, atMs: number) {
    this.#columns = picture.width;
    this.#rows = picture.height;
    this.#means = new Channel(picture.means);
    this.#textures = new Channel(picture.textures);
    this.#since = new Float64Array(picture.means.length).fill(Number.NaN);
    this.#at = atMs;
  }

  compare(picture: LumaPicture, atMs: number, forMs: number) {
    const elapsedMs = Math.max(0, atMs - this.#at);
    this.#at = atMs;
    const means = this.#means.deviation(picture.means);
    const textures = this.#textures.deviation(picture.textures);
    const differs = either(this.#means.differs(means), this.#textures.differs(textures));
    const lasting = new Uint8Array(differs.length);
    differs.forEach((mark, i) => {
      if (!mark) this.#since[i] = Number.NaN;
      else if (Number.isNaN(this.#since[i])) this.#since[i] = atMs;
      if (atMs - (this.#since[i] ?? Number.NaN) >= forMs) lasting[i] = 1;
    });
    this.#means.follow(means, differs, elapsedMs);
    this.#textures.follow(textures, differs, elapsedMs);
    return {
      lasting: largeShare(lasting, this.#columns, this.#rows),
      differing: largeShare(differs, this.#columns, this.#rows),
    };
  }

  adopt({ means, textures }: LumaPicture): void {
    this.#means.usual.set(means);
    this.#textures.usual.set(textures);
    this.#since.fill(Number.NaN);
  }
}

/** How much the values of a picture differ from the usual ones. */
interface Deviation {
  /** Of each cell. */
  readonly steps: Float32Array;
  /** The uniform change of light in them. */
  readonly light: number;
}

/** One figure of each cell: its usual value, and its usual variation. */
class Channel {
  readonly usual: Float32Array;
  readonly #unrest: Float32Array;

  constructor(values: Float32Array) {
    this.usual = values.slice();
    this.#unrest = new Float32Array(values.length).fill(1);
  }

  deviation(values: Float32Array): Deviation {
    const steps = difference(values, this.usual);
    return { steps, light: clamp(median(steps), MAX_LIGHT_STEP) };
  }

  /** 1 for each cell that differs, ignoring a uniform change. */
  differs({ steps, light }: Deviation): Uint8Array {
    const marks = new Uint8Array(steps.length);
    steps.forEach((step, i) => {
      const tolerance = Math.max(TOLERANCE, UNREST_FACTOR * (this.#unrest[i] ?? 0));
      if (Math.abs(step - light) > tolerance + Math.abs(light) / 4) marks[i] = 1;
    });
    return marks;
  }

  follow({ steps, light }: Deviation, differs: Uint8Array, elapsedMs: number): void {
    const same = 1 - Math.exp(-elapsedMs / FOLLOW_MS);
    const different = 1 - Math.exp(-elapsedMs / FOLLOW_DIFFERENT_MS);
    steps.forEach((step, i) => {
      const unrest = this.#unrest[i] ?? 0;
      this.usual[i] = (this.usual[i] ?? 0) + step * (differs[i] ? different : same);
      if (!differs[i]) this.#unrest[i] = unrest + (Math.abs(step - light) - unrest) * same;
    });
  }
}

/** 1 for each cell that differs between two pictures, ignoring a uniform change of light. */
export function differingCells(before: LumaPicture, after: LumaPicture): Uint8Array {
  const [means, textures] = [new Channel(before.means), new Channel(before.textures)];
  return either(
    means.differs(means.deviation(after.means)),
    textures.differs(textures.deviation(after.textures)),
  );
}

/** The marks of both. */
const either = (one: Uint8Array, other: Uint8Array): Uint8Array =>
  one.map((mark, i) => mark | (other[i] ?? 0));

/** The share of the scene that differs between two pictures, without isolated cells. */
export function cameraMotion(before: LumaPicture, after: LumaPicture): number {
  return largeShare(differingCells(before, after), after.width, after.height);
}

/** The share of marked cells without isolated ones: a 3x3 median filter. */
function largeShare(marks: Uint8Array, columns: number, rows: number): number {
  let large = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let marked = 0;
      let looked = 0;
      for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
          looked++;
          marked += marks[y * columns + x] ?? 0;
        }
      }
      if (marked * 2 > looked) large++;
    }
  }
  return large / marks.length;
}

const difference = (a: Float32Array, b: Float32Array): Float32Array =>
  a.map((value, i) => value - (b[i] ?? 0));

function median(values: Float32Array): number {
  return values.slice().sort()[values.length >> 1] ?? 0;
}

const clamp = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value));
