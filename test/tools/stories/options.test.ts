import { describe, expect, test } from 'vitest';
import { TURN } from '../../../src/defaults.ts';
import { isPushToTalk, isSpoken } from '../../../src/testing/story/steps.ts';
import { storiesOptions } from '../../../tools/stories/options.ts';
import { storyOf } from '../../../tools/stories/play.ts';

describe('the options of npm run stories', () => {
  test.each([
    [['--minutes', 'x'], /--minutes x: give a number from 0.05 to 1440/],
    [['--minutes', '0'], /--minutes 0: give/],
    [['--seed', '1.5'], /--seed 1.5: give a whole number/],
    [['--workers', '0'], /--workers 0: give a whole number from 1 to 16/],
    [['--seconds', '3'], /--seconds/],
  ])('invalid options of npm run stories are refused: %j', (args, message) => {
    expect(() => storiesOptions(args)).toThrow(message);
  });

  test('options of npm run stories have defaults', () => {
    expect(storiesOptions([])).toMatchObject({
      ...{ minutes: 1, masks: false, json: undefined },
      ...{ server: false, workers: 3 },
    });
    expect(storiesOptions(['--server'])).toMatchObject({ server: true, workers: 1 });
    expect(storiesOptions(['--masks'])).toMatchObject({ masks: true });
    expect(storiesOptions(['--help'])).toBe('help');
  });
});

test('a mask adds to the story of a seed only itself and what the application does with pictures', () => {
  const unmasked = storyOf(5, { masks: true })
    .filter((step) => !['setMask', 'watch', 'publish'].includes(step.do))
    .map((step) => {
      const { mask: _, ...rest } = { mask: undefined, ...step };
      return rest;
    });
  expect(unmasked).toEqual(storyOf(5));
  expect(storyOf(5, { masks: true })).toContainEqual(
    expect.objectContaining({ do: 'start', mask: expect.any(String) }),
  );
});

test('some stories have the default budget of a turn', () => {
  const { default: attachBudgetMs } = TURN.attachBudgetMs;
  expect(storyOf(10)).toContainEqual(expect.objectContaining({ do: 'start', attachBudgetMs }));
  expect(storyOf(9)).not.toContainEqual(expect.objectContaining({ attachBudgetMs }));
});

test('some stories have speech, questions and hand-offs', () => {
  const spoken = Array.from({ length: 20 }, (_, index) => storyOf(14 + 16 * index)).filter(
    isSpoken,
  );
  expect(spoken).toHaveLength(20);
  const kinds = new Set(spoken.flatMap((story) => story.map((step) => step.do)));
  expect([...kinds]).toEqual(expect.arrayContaining(['type', 'speak', 'handOff', 'leave', 'say']));
});

test('a third of the stories has push-to-talk, with both ends and other steps', () => {
  const stories = Array.from({ length: 160 }, (_, seed) => storyOf(seed));
  const pressed = stories.filter(isPushToTalk);
  expect(pressed).toHaveLength(50);
  const kinds = pressed.flatMap((story) =>
    story.map((step) => (step.do === 'press' ? step.end : step.do)),
  );
  expect(kinds).toEqual(expect.arrayContaining(['release', 'cancel', 'type', 'handOff', 'mute']));
  expect(kinds).not.toContain('speak');
});

test('a story with a mask has no speech', () => {
  expect(isSpoken(storyOf(8))).toBe(true);
  expect(isSpoken(storyOf(8, { masks: true }))).toBe(false);
});

test('the story of a seed on a server is the same, without what a server cannot play', () => {
  const server = { url: 'ws://a', apiKey: 'key', apiSecret: 'secret' };
  const kindsOf = (seed: number) => storyOf(seed).map((step) => step.do);
  const spoken = Array.from({ length: 20 }, (_, index) => 8 * index);
  const [dies = 0] = spoken.filter((seed) => kindsOf(seed).includes('avatarDies'));
  expect(storyOf(dies, { server })).toEqual(
    storyOf(dies).filter((step) => step.do !== 'avatarDies'),
  );
  expect(storyOf(5, { server })).toEqual(storyOf(5));
});

test('a seed gives the same story each time, and another seed another story', () => {
  expect(storyOf(5)).toEqual(storyOf(5));
  expect(storyOf(5)).not.toEqual(storyOf(6));
});
