import { beforeEach, expect, test } from 'vitest';
import { Answers } from '../../../src/testing/story/answers.ts';
import { type Question, StoryRecord } from '../../../src/testing/story/record.ts';
import type { StoryToolCall } from '../../../src/testing/story/steps.ts';
import { storyQuestion } from '../../support/story-question.ts';

let record: StoryRecord;
let answers: Answers;
beforeEach(() => {
  record = new StoryRecord();
  answers = new Answers(record);
});

function asked(number: number, ...tools: StoryToolCall[]): Question {
  const question = storyQuestion(number, { agent: 'gemini', tools });
  record.questions.push(question);
  return question;
}

test('a realtime model of a story answers all questions that have no answer, in their order', () => {
  asked(1).answers.push(1);
  asked(2);
  asked(3);
  expect(answers.due('Question 3?\nQuestion 1?\nQuestion 2?', false)).toEqual([2, 3]);
  expect(answers.given([2, 3])).toBe('Answer 2. Answer 3.');
});

test('a realtime model of a story repeats an answer that is requested twice, but not one that it gave with another', () => {
  asked(1).answers.push(1);
  expect(answers.due('Question 1?', false)).toEqual([1]);
  asked(2);
  answers.given([1, 2]);
  expect(answers.due('Question 2?', false)).toEqual([]);
});

test('a realtime model of a story does not answer what it heard before a cancel, or hears while a button is held', () => {
  asked(1);
  asked(2).press = 'cancelled';
  asked(3).press = 'released';
  expect(answers.due('Question 2?\nQuestion 3?', false)).toEqual([3]);
  asked(4).press = 'held';
  expect(answers.due('Question 2?', false)).toEqual([3]);
});

test('a realtime model of a story without any question answers the last one', () => {
  expect(answers.due('', false)).toEqual([0]);
  asked(1);
  asked(2);
  expect(answers.due('', false)).toEqual([2]);
});

test('the results of tools are for the questions that called them, and for what was asked meanwhile', () => {
  asked(1, 'look', 'slow');
  asked(2);
  expect(answers.calls([1, 2]).map(({ call }) => call)).toEqual(['look', 'slow']);
  expect(answers.calls([1])).toEqual([]);
  asked(3);
  expect(answers.due('Question 3?', true)).toEqual([1, 2, 3]);
  answers.given([1, 2, 3]);
  expect(answers.due('result', true)).toEqual([1, 2]);
  // Sightline asks Gemini to continue with the picture.
  for (const { answers: given } of record.questions.slice(0, 2)) given.push(1);
  expect(answers.due('.', false)).toEqual([1]);
});

test('the results of tools do not repeat the answer to what was asked meanwhile', () => {
  asked(1, 'look', 'slow');
  answers.calls([1]);
  asked(2);
  answers.given(answers.due('Question 2?', false));
  expect(answers.due('Question 2?', true)).toEqual([1]);
});

test('an answer from before the calls of tools is none that was given meanwhile', () => {
  asked(1);
  answers.given([1]);
  asked(2, 'look');
  answers.calls([2]);
  expect(answers.due('Question 1?\nQuestion 2?', true)).toEqual([1, 2]);
});

test('a request to continue that cuts off an answer to two questions is for both', () => {
  asked(1, 'look', 'slow');
  asked(2);
  answers.calls([1, 2]);
  expect(answers.due('.', false)).toEqual([1, 2]);
});

test('a second request after what was asked meanwhile is for the results of tools', () => {
  asked(1, 'look', 'slow');
  answers.calls([1]);
  asked(2);
  expect(answers.due('Question 2?', false, 1)).toEqual([2]);
  answers.given([2], 1);
  expect(answers.due('Question 2?', false, 1)).toEqual([1]);
  // The answer did not reach a user whose connection was lost.
  expect(answers.due('Question 2?', false, 2)).toEqual([2]);
  answers.given([1], 1);
  expect(answers.due('Question 2?', false, 1)).toEqual([2]);
});

test('a request while the results of a question are pending is for the results of the one before', () => {
  asked(1, 'look', 'slow');
  answers.calls([1], 1);
  asked(2, 'look');
  expect(answers.due('Question 2?', false, 1)).toEqual([2]);
  answers.calls([2], 1);
  expect(answers.due('Question 2?', false, 1)).toEqual([1]);
  answers.given([1], 1);
  expect(answers.due('Question 2?', false, 1)).toEqual([]);
  expect(answers.due('done', true, 1)).toEqual([2]);
  // The calls of a lost connection have no results.
  expect(answers.due('Question 2?', false, 2)).toEqual([2]);
});
