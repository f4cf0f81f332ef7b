import type { LumaPicture } from '../frames/luma.ts';
import type { SourceKind } from '../source.ts';
import { differingCells } from './background.ts';

/** The small picture that two frames are compared by: blocks of 20x20 pixels at 720p. */
export const LIKENESS_SIZE = { width: 64, height: 36 } as const;

/**
 * The share that has to differ: a line of text on a screen is little, and a camera shows people who
 * are never quite still.
 */
const THRESHOLD: Readonly<Record<SourceKind, number>> = {
  camera: 0.02,
  screen: 0.003,
  unknown: 0.02,
};

/** Whether two small pictures of one source show the same. */
export function isLike(
  before: LumaPicture,
  after: LumaPicture,
  source: SourceKind,
  threshold: number = THRESHOLD[source],
): boolean {
  return shareThatDiffers(before, after) < threshold;
}

/**
 * The share of two small pictures that differs, 0 to 1. Unlike a scene change it counts single
 * cells, such as one line of text; a uniform change of light does not count.
 */
function shareThatDiffers(before: LumaPicture, after: LumaPicture): number {
  if (before.means.length !== after.means.length) return 1;
  const cells = differingCells(before, after);
  return cells.reduce((sum, cell) => sum + cell, 0) / cells.length;
}
