import { expect, test } from 'vitest';
import { runStory } from '../../src/testing/story/run-story.ts';
import type { Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';

const CAMERA_ON: readonly Step[] = [{ do: 'join' }, { do: 'share', what: 'camera' }];
const RELEASE: Step = { do: 'press', end: 'release' };

test('a pipeline keeps its promises when the user releases and cancels, and to a cancelled press', async () => {
  const steps: Step[] = [RELEASE, { do: 'press', end: 'cancel' }, RELEASE];
  const { promises, failures } = await runStory(story([...CAMERA_ON, ...steps]));
  expect(failures).toEqual([]);
  expect(promises.answered).toEqual({ checked: 3, broken: 0, unmeasured: 0 });
  expect(promises.seen.checked).toBe(2);
});

test('the oracle finds that the picture of a released press is missing', async () => {
  const { failures } = await runStory(story([...CAMERA_ON, RELEASE]), {
    withoutVideo: true,
    // A stall of a busy machine must not excuse it.
    video: { turn: { attachBudgetMs: 10_000 } },
  });
  expect(failures.map(({ promise, message }) => [promise, message])).toEqual([
    ['seen', 'the request of question 1 to pipeline has no picture'],
  ]);
});
