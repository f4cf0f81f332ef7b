import type { Question } from '../../src/testing/story/record.ts';

/** A typed question of a story that nothing has answered. */
export const storyQuestion = (number: number, more: Partial<Question> = {}): Question => ({
  number,
  step: 0,
  at: 0,
  agent: 'pipeline',
  isSpoken: false,
  tools: [],
  isTaken: true,
  answers: [],
  ...more,
});
