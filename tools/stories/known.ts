import { readFileSync } from 'node:fs';
import type { PromiseName } from '../../src/testing/story/promises.ts';
import { runStory } from '../../src/testing/story/run-story.ts';
import type { Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';

/** A story that breaks a promise, and is not fixed yet. */
export interface Known {
  readonly promise: PromiseName;
  /** Of the story that found it. */
  readonly seed: number;
  readonly story: readonly Step[];
  /** What is wrong. */
  readonly why: string;
}

/** How often a story is played that may break its promise by its timing. */
const TIMES = 3;

/** The faults that are known: `known.json`. */
export const knownFaults = (): Known[] =>
  JSON.parse(readFileSync(new URL('known.json', import.meta.url), 'utf8')) as Known[];

/** Whether the story breaks its promise, one time of some. */
export async function stillBreaks({ promise, story: steps }: Known): Promise<boolean> {
  for (let time = 0; time < TIMES; time++) {
    const { failures } = await runStory(story(steps));
    if (failures.some((failure) => failure.promise === promise)) return true;
  }
  return false;
}
