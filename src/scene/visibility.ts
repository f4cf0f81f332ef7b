import type { LumaPicture } from '../frames/luma.ts';

/**
 * How well the camera sees: `clear`, `covered` (blank, or a hand before the lens), `frozen` (not
 * even noise; a screen that nobody touches as well), `blurred` (edges are gone that were there).
 */
export type Visibility = 'clear' | 'covered' | 'frozen' | 'blurred';

/** How long it has to look like that, in ms. It is clear again sooner. */
const AFTER_MS: Record<Visibility, number> = {
  clear: 300,
  covered: 1000,
  frozen: 3000,
  blurred: 1500,
};

/** Spread of the blocks' means, in levels of luma: below is blank, above it is not any more. */
const BLANK = 6;
const NOT_BLANK = 9;
/** Share of the usual edges: below is blurred, above it is not any more. */
const BLURRED = 0.3;
const NOT_BLURRED = 0.5;
/** A scene with fewer edges has nothing that could blur. */
const MIN_EDGES = 0.001;
/** What is blank has fewer than this, noise included; a page of small print has more. */
const BLANK_EDGES = 0.05;
/** How fast the usual edges follow, in ms. */
const FOLLOW_MS = 30_000;

/** Tells how well the camera sees, with hysteresis. */
export class VisibilityWatch {
  #visibility: Visibility = 'clear';
  #candidate: Visibility = 'clear';
  #candidateSince = 0;
  #last: LumaPicture | undefined;
  #at = 0;
  #usualEdges = 0;

  get visibility(): Visibility {
    return this.#visibility;
  }

  /** The scene is another one: so are its edges. */
  adopt(picture: LumaPicture): void {
    this.#usualEdges = picture.edges;
  }

  see(picture: LumaPicture, atMs: number): Visibility {
    const looks = this.#looksLike(picture);
    if (looks !== this.#candidate) {
      this.#candidate = looks;
      this.#candidateSince = this.#last ? this.#at : atMs;
    }
    if (atMs - this.#candidateSince >= AFTER_MS[looks]) this.#visibility = looks;
    if (looks === 'clear') this.#follow(picture, atMs);
    this.#last = picture;
    this.#at = atMs;
    return this.#visibility;
  }

  #looksLike(picture: LumaPicture): Visibility {
    const isSame = this.#last?.means.every((mean, i) => mean === picture.means[i]);
    const spread = deviation(picture.means);
    if (
      spread < (this.#visibility === 'covered' ? NOT_BLANK : BLANK) &&
      picture.edges < BLANK_EDGES
    )
      return 'covered';
    if (isSame) return 'frozen';
    const share = this.#visibility === 'blurred' ? NOT_BLURRED : BLURRED;
    if (this.#usualEdges > MIN_EDGES && picture.edges < share * this.#usualEdges) return 'blurred';
    return 'clear';
  }

  #follow({ edges }: LumaPicture, atMs: number): void {
    const share = this.#last ? 1 - Math.exp(-(atMs - this.#at) / FOLLOW_MS) : 1;
    this.#usualEdges += (edges - this.#usualEdges) * share;
  }
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(square);
}
