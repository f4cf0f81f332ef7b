import type { LumaPicture } from '../frames/luma.ts';
import type { SourceKind } from '../source.ts';
import { differingCells } from './background.ts';
import { SCREEN_SIZE, screenMotion } from './screen-background.ts';

/** The small picture of a camera that frames are compared by: blocks of 20x20 pixels at 720p. */
export const LIKENESS_SIZE = { width: 64, height: 36 } as const;
/** The share of a camera's picture that has to differ: people are never quite still. */
const CAMERA_THRESHOLD = 0.02;

/** Size of the small pictures that frames of a source are compared by. */
export const likenessSizeOf = (source: SourceKind) =>
  source === 'screen' ? SCREEN_SIZE : LIKENESS_SIZE;

/**
 * Whether two small pictures of one source show the same.
 * @param threshold - The share that has to differ. By default, one line of text of a screen does.
 */
export function isLike(
  before: LumaPicture,
  after: LumaPicture,
  source: SourceKind,
  threshold?: number,
): boolean {
  if (before.means.length !== after.means.length) return false;
  if (source !== 'screen') return cameraShare(before, after) < (threshold ?? CAMERA_THRESHOLD);
  const share = screenMotion(before, after);
  return share === 0 || share < (threshold ?? 0);
}

/**
 * The share of two small pictures that differs, 0 to 1. Unlike a scene change it counts single
 * cells; a uniform change of light does not count.
 */
function cameraShare(before: LumaPicture, after: LumaPicture): number {
  const cells = differingCells(before, after);
  return cells.reduce((sum, cell) => sum + cell, 0) / cells.length;
}
