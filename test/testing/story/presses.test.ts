import { expect, test } from 'vitest';
import { settled } from '../../../src/testing/simulated-clock.ts';
import { Presses } from '../../../src/testing/story/presses.ts';
import { Questions } from '../../../src/testing/story/questions.ts';
import { StoryRecord } from '../../../src/testing/story/record.ts';
import type { StoryStage } from '../../../src/testing/story/stage.ts';
import type { StepOf } from '../../../src/testing/story/steps.ts';

const RELEASE: StepOf<'press'> = { do: 'press', end: 'release' };
const CANCEL: StepOf<'press'> = { do: 'press', end: 'cancel' };

/** A stage that records the calls of the agent's methods, and answers each turn at once. */
function stage(more: object = {}) {
  const record = new StoryRecord();
  const did: string[] = [];
  const heard = new Set<string>();
  const made = {
    ...{ record, agent: 'pipeline', isClosing: false },
    stalls: { isOver: () => false, between: () => 0 },
    room: { spreadMs: 0 },
    session: {
      interrupt: () => did.push('interrupt'),
      clearUserTurn: () => did.push('clear'),
      input: { setAudioEnabled: (isOn: boolean) => did.push(isOn ? 'on' : 'off') },
      commitUserTurn: () => {
        did.push('commit');
        record.questions.at(-1)?.answers.push(1);
      },
    },
    say: (words: string) => {
      did.push(words);
      heard.add(words);
    },
    hears: (words: string) => heard.has(words),
    ...more,
  };
  const asStage = made as unknown as StoryStage;
  const shown = { anew: async () => void did.push('show') };
  const questions = new Questions(asStage);
  const presses = new Presses({ stage: asStage, questions, showAnew: () => shown.anew() });
  return { presses, record, did, made, heard, shown };
}

test('a released press is a turn of the words, with another picture than at its beginning', async () => {
  const { presses, record, did } = stage();
  await presses.press(4, { ...RELEASE, tools: ['look'] });
  expect(did).toEqual([...['interrupt', 'clear', 'on', 'Question 1?', 'show', 'off', 'commit']]);
  expect(record.questions).toMatchObject([
    { step: 4, press: 'released', isSpoken: false, tools: ['look'], answers: [1] },
  ]);
});

test('a cancelled press clears the turn, shows another picture then, and waits for no answer', async () => {
  const { presses, record, did } = stage();
  await presses.press(0, CANCEL);
  expect(did.slice(3)).toEqual(['Question 1?', 'show', 'off', 'clear', 'show']);
  expect(record.questions).toMatchObject([{ press: 'cancelled', answers: [] }]);
  expect(record.lastAsked).toBe(0);
});

test('the question is asked at the release: it is not cut off before, and cuts off the others', async () => {
  const { presses, record, made, shown } = stage();
  shown.anew = async () => {
    record.cutOff('another question');
    made.agent = 'openai';
  };
  const from = Date.now();
  await presses.press(0, CANCEL);
  await presses.press(1, RELEASE);
  const [cancelled, released] = record.questions;
  expect(cancelled?.cutOff).toBeDefined();
  expect(released).toMatchObject({ agent: 'openai' });
  expect(released?.cutOff).toBeUndefined();
  expect(released?.at).toBeGreaterThan(from);
});

test('words that the agent does not hear are said again, until the user loses patience', async () => {
  const { presses, did, heard, made } = stage();
  let times = 0;
  made.say = (words) => {
    did.push(words);
    times += 1;
    if (times === 2) heard.add(words);
  };
  await presses.press(0, RELEASE);
  expect(did.filter((what) => what === 'Question 1?')).toHaveLength(2);
  const deaf = stage({ stalls: { isOver: () => true, between: () => 0 }, hears: () => false });
  await expect(deaf.presses.press(0, RELEASE)).rejects.toThrow('does not hear the user');
  expect(deaf.record.questions).toMatchObject([{ press: 'held' }]);
});

test('the user waits while the conversation moves, and begins again if it moved meanwhile', async () => {
  const { presses, record, did, shown } = stage();
  const start: { from: number; to?: number } = { from: 0 };
  record.moves.push(start);
  shown.anew = async () => {
    did.push('show');
    const now = Date.now();
    if (record.moves.length === 1) record.moves.push({ from: now, to: now });
  };
  const pressed = presses.press(0, RELEASE);
  await settled();
  expect(did).toEqual([]);
  start.to = 1;
  await pressed;
  const begin = ['interrupt', 'clear', 'on'];
  expect(did).toEqual([
    ...[...begin, 'Question 1?', 'show'],
    ...[...begin, 'Question 1? Again.', 'show', 'off', 'commit'],
  ]);
});

test('one press comes after the other, and the close of a story ends them', async () => {
  const { presses, did, made, shown } = stage();
  await Promise.all([presses.press(0, CANCEL), presses.press(1, RELEASE)]);
  expect(did.indexOf('Question 2?')).toBeGreaterThan(did.lastIndexOf('clear') - 1);
  expect(did.at(-1)).toBe('commit');
  did.length = 0;
  shown.anew = async () => {
    made.isClosing = true;
  };
  await presses.press(2, RELEASE);
  await presses.press(3, RELEASE);
  expect(did).toEqual(['interrupt', 'clear', 'on', 'Question 3?']);
});
