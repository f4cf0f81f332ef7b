import { expect, test } from 'vitest';
import { checkSteps, serverSteps } from '../../../src/testing/story/server-steps.ts';
import { story } from '../../../src/testing/story/story.ts';

const withDeath = story([
  { do: 'join' },
  { do: 'start', agent: 'pipeline', avatar: 'well' },
  { do: 'avatarDies' },
  { do: 'say', ms: 400 },
]);

test('a step that a server cannot play is refused with its number, the reason and the remedy', () => {
  expect(() => checkSteps(withDeath)).toThrow(
    /^steps\[2\] avatarDies on a server: .*death of a process: leave the step/,
  );
  expect(() => checkSteps(withDeath.slice(0, 2))).not.toThrow();
});

test('a story for a server has all steps but those that a server cannot play', () => {
  expect(serverSteps(withDeath).map((step) => step.do)).toEqual(['join', 'start', 'say']);
});
