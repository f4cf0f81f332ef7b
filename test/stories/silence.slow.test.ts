import { expect, test } from 'vitest';
import { runStory } from '../../src/testing/story/run-story.ts';
import { story } from '../../src/testing/story/story.ts';

/** Three of them are longer than the silence after which the framework counts a user as away. */
const STILL = { do: 'still', ms: 6000 } as const;

test('after a long silence, a hand-off ends and the next question is answered', async () => {
  const { failures, promises } = await runStory(
    story([
      { do: 'join' },
      { do: 'start', agent: 'openai' },
      { do: 'share', what: 'camera' },
      STILL,
      STILL,
      STILL,
      { do: 'handOff', to: 'pipeline' },
      { do: 'type' },
    ]),
  );
  expect(failures.map(({ promise, step, message }) => `${promise}, ${step}: ${message}`)).toEqual(
    [],
  );
  expect(promises.answered.checked).toBe(1);
}, 300_000);
