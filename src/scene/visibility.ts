import type { LumaPicture } from '../frames/luma.ts';

/**
 * How well the camera sees: `clear`; `covered` (blank, or a hand in front of the lens); `frozen`
 * (without even noise, like a screen that is not in use); `blurred` (usual edges are missing).
 */
export type Visibility = 'clear' | 'covered' | 'frozen' | 'blurred';

/** How long a state must last before it is reported, in ms; `clear` is reported sooner. */
const AFTER_MS: Record<Visibility, number> = {
  clear: 300,
  covered: 1000,
  frozen: 3000,
  blurred: 1500,
};

/** Thresholds of the blocks' spread in luma: blank below the first, not blank above the second. */
const BLANK = 6;
const NOT_BLANK = 9;
/**
 * Thresholds as shares of the usual edges: blurred below the first, not blurred above the second.
 */
const BLURRED = 0.3;
const NOT_BLURRED = 0.5;
/** A scene with fewer edges cannot look blurred. */
const MIN_EDGES = 0.001;
/** A blank picture has fewer edges, even with noise; a page of small print has more. */
const BLANK_EDGES = 0.05;
/** Time constant with which the usual edges are updated, in ms. */
const FOLLOW_MS = 30_000;

/** Reports how well the camera sees, with hysteresis. */
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

  /** The scene changed: its edges are the usual ones from now on. */
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

/** The standard deviation. */
export function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(square);
}
