import { expect, test } from 'vitest';
import type { VideoProcessor } from '../../src/index.ts';
import { runStory } from '../../src/testing/story/run-story.ts';
import { story } from '../../src/testing/story/story.ts';

/** The budget of a turn's picture, in ms: shorter than the time limit of a processor. */
const attachBudgetMs = 600;

/** The promises that a turn breaks whose pictures pass this processor. */
async function brokenBehind(process: VideoProcessor['process']): Promise<string[]> {
  const { failures } = await runStory(
    story([
      { do: 'start', agent: 'pipeline', attachBudgetMs },
      { do: 'join' },
      { do: 'share', what: 'camera' },
      { do: 'type' },
    ]),
    { video: { input: { processors: [{ name: 'test', process }] } } },
  );
  return failures.map(({ promise, message }) => `${promise}: ${message}`);
}

test('a story accepts a turn without a picture if the turn used its budget', async () => {
  expect(await brokenBehind(() => new Promise(() => {}))).toEqual([]);
});

test('the oracle finds a turn without a picture that did not wait for its budget', async () => {
  const [broken = '', ...others] = await brokenBehind(() => null);
  expect(broken).toMatch(/seen: .* has no picture/);
  expect(others).toEqual([]);
});
