import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  answersIn,
  answerText,
  questionIn,
  questionsIn,
  questionText,
  StoryRecord,
} from '../../../src/testing/story/record.ts';
import { Stalls } from '../../../src/testing/story/stalls.ts';
import { storyQuestion } from '../../support/story-question.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: 1000 });
});
afterEach(() => vi.useRealTimers());

test('an operation cuts off what is open, and the first one counts', () => {
  const record = new StoryRecord();
  const [open, answered] = [storyQuestion(1), { ...storyQuestion(2), answers: [900] }];
  record.questions.push(open, answered);
  record.speeches.push({ step: 0, at: 0, ms: 400 }, { step: 0, at: 0, ms: 400, doneAt: 400 });
  record.cutOff('drop');
  vi.setSystemTime(1001);
  record.cutOff('close');
  const dropped = { at: 1000, by: 'drop' };
  expect([open.cutOff, answered.cutOff]).toEqual([dropped, undefined]);
  expect(record.speeches.map(({ cutOff }) => cutOff)).toEqual([dropped, undefined]);
});

test('the numbers of questions and answers are read from a text, each once', () => {
  const asked = [3, 12, 3].map(questionText).join('\n');
  expect(questionsIn(asked)).toEqual([3, 12]);
  expect(questionIn(asked)).toBe(12);
  expect(answersIn([12, 3, 12].map(answerText).join(' '))).toEqual([12, 3]);
  expect([questionsIn(answerText(1)), answersIn(questionText(1))]).toEqual([[], []]);
  expect(questionIn('')).toBe(0);
});

test('stalls are counted in the time in which they happened, and make limits longer', () => {
  const stalls = new Stalls();
  const tickAfter = (ms: number) => {
    vi.setSystemTime(Date.now() + ms - 5);
    vi.advanceTimersByTime(5);
  };
  tickAfter(5);
  tickAfter(10);
  expect(stalls.between(0, Number.POSITIVE_INFINITY)).toBe(0);
  tickAfter(105);
  // From 1020 to 1120, noticed at 1120.
  expect(stalls.between(1120, 2000)).toBe(100);
  expect(stalls.between(1121, 2000)).toBe(0);
  expect(stalls.between(0, 1020)).toBe(100);
  expect(stalls.between(0, 1019)).toBe(0);
  tickAfter(11);
  expect(stalls.between(1000, 2000)).toBe(106);
  vi.setSystemTime(1000 + 50 + 212);
  expect(stalls.isOver(50, 1000)).toBe(false);
  vi.setSystemTime(1000 + 50 + 213);
  expect(stalls.isOver(50, 1000)).toBe(true);
  stalls.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('the clock of the stalls does not keep a process alive', () => {
  // To restore a spy on a simulated clock would put that clock back after the test.
  vi.useRealTimers();
  const unref = vi.fn();
  const timer = vi.spyOn(globalThis, 'setInterval').mockReturnValue({ unref } as never);
  new Stalls();
  timer.mockRestore();
  expect(unref).toHaveBeenCalledOnce();
});
