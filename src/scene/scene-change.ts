import { SCENE_CHANGE } from '../defaults.ts';
import type { LumaPicture } from '../frames/luma.ts';
import { filled } from '../option-table.ts';
import { Background, motionBetween } from './background.ts';
import { type Visibility, VisibilityWatch } from './visibility.ts';

/** Size of the small pictures that are compared: blocks of 40x40 pixels at 720p. */
export const SCENE_SIZE = { width: 32, height: 18 } as const;

export interface SceneChangeOptions {
  /**
   * Share of the picture that must differ, from 0.005 to 1. Anything smaller than two blocks of
   * 32x18 in each direction never counts.
   * @defaultValue 0.03
   */
  threshold?: number;
  /**
   * How long it must differ, in ms, so that passers-by do not count.
   * @defaultValue 400
   */
  settleMs?: number;
}

/** The result for one picture. */
export interface SceneReport {
  /** Share of the picture that has differed for long enough, 0 to 1. */
  readonly score: number;
  /** A scene change begins; true once for each change. */
  readonly changed: boolean;
  /** The scene is still again after a change; true once. */
  readonly settled: boolean;
  readonly scene: 'quiet' | 'changing';
  readonly visibility: Visibility;
}

/** A scene that never settles becomes the usual one after this time, in ms. */
const LONGEST_CHANGE_MS = 10_000;
/** A change ends below this share of the threshold. */
const END_SHARE = 0.5;

/**
 * Finds scene changes in small grey pictures, and ignores noise, slow changes of light and small
 * moving things. It is deterministic: it has no clock, and keeps no pixels of the frames.
 */
export class SceneChange {
  readonly #threshold: number;
  readonly #settleMs: number;
  #background: Background | undefined;
  #visibility = new VisibilityWatch();
  #last: LumaPicture | undefined;
  #scene: SceneReport['scene'] = 'quiet';
  #changingSince = 0;
  #steadySince = 0;

  /** @throws OptionError */
  constructor(options: SceneChangeOptions = {}) {
    const { threshold, settleMs } = filled('', options, SCENE_CHANGE);
    this.#threshold = threshold;
    this.#settleMs = settleMs;
  }

  get scene(): SceneReport['scene'] {
    return this.#scene;
  }

  /** Forgets the scene, because the next picture is of another source. */
  reset(): void {
    this.#background = undefined;
    this.#last = undefined;
    this.#visibility = new VisibilityWatch();
    this.#scene = 'quiet';
  }

  /** Processes the next picture. Times are in ms, and only compared with each other. */
  see(picture: LumaPicture, atMs: number): SceneReport {
    const last = this.#last;
    if (last && last.means.length !== picture.means.length) this.reset();
    this.#last = picture;
    if (!this.#background || !last) {
      this.#background = new Background(picture, atMs);
      const visibility = this.#visibility.see(picture, atMs);
      return { score: 0, changed: false, settled: false, scene: this.#scene, visibility };
    }
    const before = this.#visibility.visibility;
    const visibility = this.#visibility.see(picture, atMs);
    const score = this.#background.compare(picture, atMs, this.#settleMs);
    const visibilityChanged = (before === 'covered') !== (visibility === 'covered');
    const { changed, settled } =
      this.#scene === 'quiet'
        ? this.#whenQuiet(score >= this.#threshold || visibilityChanged, atMs)
        : this.#whenChanging(motionBetween(last, picture), score, picture, atMs);
    return { score, changed, settled, scene: this.#scene, visibility };
  }

  #whenQuiet(changed: boolean, atMs: number) {
    if (changed) {
      this.#scene = 'changing';
      this.#changingSince = atMs;
      this.#steadySince = atMs;
    }
    return { changed, settled: false };
  }

  #whenChanging(motion: number, score: number, picture: LumaPicture, atMs: number) {
    const end = this.#threshold * END_SHARE;
    if (motion >= end) this.#steadySince = atMs;
    const settled =
      atMs - this.#steadySince >= this.#settleMs || atMs - this.#changingSince >= LONGEST_CHANGE_MS;
    if (settled) {
      this.#scene = 'quiet';
      if (score >= end) {
        this.#background?.adopt(picture);
        this.#visibility.adopt(picture);
      }
    }
    return { changed: false, settled };
  }
}
