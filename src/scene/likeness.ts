import type { LumaPicture } from '../frames/luma.ts';
import { differingCells } from './background.ts';

/**
 * Share of two small pictures that differs, 0 to 1. Unlike a change of the scene it counts single
 * cells, so that one line of text counts; a change of the light everywhere does not.
 */
export function shareThatDiffers(before: LumaPicture, after: LumaPicture): number {
  if (before.means.length !== after.means.length) return 1;
  const cells = differingCells(before, after);
  return cells.reduce((sum, cell) => sum + cell, 0) / cells.length;
}
