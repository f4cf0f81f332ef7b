import { SCENE_CHANGE } from '../defaults.ts';
import type { LumaPicture } from '../frames/luma.ts';
import { filled } from '../option-table.ts';
import type { SourceKind } from '../source.ts';
import { CameraBackground, cameraMotion, type SceneBackground } from './background.ts';
import { SCREEN_SIZE, ScreenBackground, screenMotion } from './screen-background.ts';
import { type Visibility, VisibilityWatch } from './visibility.ts';

/** Size of the small pictures of a camera that are compared: blocks of 40x40 pixels at 720p. */
export const SCENE_SIZE = { width: 32, height: 18 } as const;
/** What counts as a change of a camera's scene, as a share of the picture. */
const CAMERA_THRESHOLD = 0.03;
/** The same for a screen: any line of text. Its smallest share is three times as large. */
const SCREEN_THRESHOLD = 1e-4;

/** Size of the small pictures of a source that are compared. */
export const sceneSizeOf = (source: SourceKind) => (source === 'screen' ? SCREEN_SIZE : SCENE_SIZE);

export interface SceneChangeOptions {
  /**
   * Share of the picture that must differ, from 0.005 to 1. For a camera, anything smaller than two
   * blocks of 32x18 in each direction never counts.
   * For a screen, one line of text counts if this is not set.
   * @defaultValue 0.03
   */
  threshold?: number | undefined;
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
  /** A change may begin or end without another picture: the same one has to be processed again. */
  readonly pending: boolean;
}

/** A scene that never settles becomes the usual one after this time, in ms. */
const LONGEST_CHANGE_MS = 10_000;
/** A change ends below this share of the threshold. */
const END_SHARE = 0.5;

/**
 * Finds scene changes in small grey pictures, and ignores noise, slow changes of light and small
 * moving things. On a screen, a changed line of text is a change; a blinking cursor, the mouse
 * pointer and a clock are none. It is deterministic: it has no clock, and keeps no pixels of the
 * frames.
 */
export class SceneChange {
  readonly #threshold: number | undefined;
  readonly #settleMs: number;
  #background: SceneBackground | undefined;
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

  /**
   * Processes the next picture, of {@link sceneSizeOf} its source. Times are in ms, and only
   * compared with each other.
   */
  see(picture: LumaPicture, atMs: number, source: SourceKind = 'camera'): SceneReport {
    const last = this.#last;
    if (last && last.means.length !== picture.means.length) this.reset();
    this.#last = picture;
    if (!this.#background || !last) {
      this.#background =
        source === 'screen'
          ? new ScreenBackground(picture, atMs)
          : new CameraBackground(picture, atMs);
      const visibility = this.#visibility.see(picture, atMs);
      const scene = this.#scene;
      return { score: 0, changed: false, settled: false, scene, visibility, pending: false };
    }
    const isScreen = source === 'screen';
    const threshold = this.#threshold ?? (isScreen ? SCREEN_THRESHOLD : CAMERA_THRESHOLD);
    const before = this.#visibility.visibility;
    const visibility = this.#visibility.see(picture, atMs);
    const compared = this.#background.compare(picture, atMs, this.#settleMs);
    const score = compared.lasting;
    // A blank page of a screen is nothing that covers a camera.
    const isUncovered = (before === 'covered') !== (visibility === 'covered');
    const visibilityChanged = !isScreen && isUncovered;
    const { changed, settled } =
      this.#scene === 'quiet'
        ? this.#whenQuiet(score >= threshold || visibilityChanged, atMs)
        : this.#whenChanging(
            { motion: (isScreen ? screenMotion : cameraMotion)(last, picture), score },
            threshold * END_SHARE,
            picture,
            atMs,
          );
    const isChanging = this.#scene === 'changing';
    const pending = isScreen && (isChanging || (!settled && compared.differing >= threshold));
    return { score, changed, settled, scene: this.#scene, visibility, pending };
  }

  #whenQuiet(changed: boolean, atMs: number) {
    if (changed) {
      this.#scene = 'changing';
      this.#changingSince = atMs;
      this.#steadySince = atMs;
    }
    return { changed, settled: false };
  }

  #whenChanging(
    { motion, score }: { motion: number; score: number },
    end: number,
    picture: LumaPicture,
    atMs: number,
  ) {
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
