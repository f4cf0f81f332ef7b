import { PITCHES, STEP_MS } from '../../../src/testing/avatar/ears.ts';

/** The pitches of so long a stair, in ms. */
export const stepsOf = (ms: number): number[] =>
  Array.from({ length: ms / STEP_MS }, (_, step) => step % PITCHES.length);
