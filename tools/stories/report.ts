import { markdownTable } from 'markdown-table';
import { PROMISES } from '../../src/testing/story/promises.ts';
import type { Failure } from './play.ts';
import type { StoriesResult } from './tally.ts';

/** A failure, with its story as code to paste into a test. */
export function failureText(
  { promise, message, seed, story, again }: Failure,
  isOnServer: boolean,
): string {
  const steps = story.map((step) => `  ${JSON.stringify(step)},`);
  return [
    `BROKEN ${promise}, seed ${seed}: ${message} (${again} of 3 times again)`,
    'await runStory(story([',
    ...steps,
    isOnServer ? ']), { server });' : ']));',
  ].join('\n');
}

/** The final report, as Markdown. */
export function storiesReport(result: StoriesResult): string {
  const { seed, minutes, stories, steps, byKind, promises, framework } = result;
  const kinds = Object.entries(byKind)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`);
  const rows = PROMISES.map((promise) => {
    const { checked, broken, unmeasured } = promises[promise];
    return [promise, String(checked), String(broken), String(unmeasured)];
  });
  return [
    `${minutes.toFixed(1)} minutes, seed ${seed}: ${stories} stories, ${steps} steps.`,
    `Steps: ${kinds.join(', ')}.`,
    `Breaks that an agent session without Sightline has as well: ${framework.length}.`,
    '',
    markdownTable([['promise', 'checked', 'broken', 'unmeasured'], ...rows]),
  ].join('\n');
}
