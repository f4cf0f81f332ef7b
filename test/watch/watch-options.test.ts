import type { voice } from '@livekit/agents';
import { expect, test } from 'vitest';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { type VideoWatchOptions, watchInput } from '../../src/watch/watch-options.ts';

const session = {} as voice.AgentSession;
const decide = () => true;

/** Options as JavaScript may pass them, in addition to those that are required. */
const input = (options: object = {}) =>
  watchInput({ everyMs: 1000, decide, act: 'event', ...options } as VideoWatchOptions<unknown>);
const refusal = (option: string, words: string) =>
  expect.objectContaining({ option, message: expect.stringContaining(words) });

test('options that are left out have their defaults', () => {
  expect(input()).toEqual({
    ...{ lookTimeoutMs: 5000, decideTimeoutMs: 15_000, actTimeoutMs: 60_000 },
    ...{ floorTimeoutMs: 30_000, everyMs: 1000, coolDownMs: 10_000, floor: 'ignore' },
    confirm: { looks: 1, of: 1, everyMs: 500, forMs: 0 },
    budget: { looksPerMinute: 30, actsPerHour: 60 },
    backOff: { baseMs: 1000, maxMs: 60_000 },
  });
});

test('each option that is set has its own place', () => {
  expect(
    input({
      ...{ everyMs: 1, coolDownMs: 2, floor: 'drop' },
      confirm: { looks: 3, of: 4, everyMs: 5, forMs: 6 },
      budget: { looksPerMinute: 7, actsPerHour: 8 },
      limits: {
        ...{ lookTimeoutMs: 9, decideTimeoutMs: 10, actTimeoutMs: 11, floorTimeoutMs: 12 },
        ...{ backOffMs: 13, maxBackOffMs: 14 },
      },
    }),
  ).toEqual({
    ...{ everyMs: 1, coolDownMs: 2, floor: 'drop' },
    confirm: { looks: 3, of: 4, everyMs: 5, forMs: 6 },
    budget: { looksPerMinute: 7, actsPerHour: 8 },
    ...{ lookTimeoutMs: 9, decideTimeoutMs: 10, actTimeoutMs: 11, floorTimeoutMs: 12 },
    backOff: { baseMs: 13, maxMs: 14 },
  });
});

test('a watch that acts by an event does not wait for the floor, unless it is asked to', () => {
  expect(input({ floor: 'wait' }).floor).toBe('wait');
  expect(input({ act: () => {} }).floor).toBe('wait');
  expect(input({ act: { say: 'Open.' }, session }).floor).toBe('wait');
});

test('as many looks as are needed are counted, unless more are allowed', () => {
  expect(input({ confirm: { looks: 3 } }).confirm).toMatchObject({ looks: 3, of: 3 });
  expect(input({ confirm: { of: 2 } }).confirm).toMatchObject({ looks: 1, of: 2 });
  expect(() => input({ confirm: { looks: 3, of: 2 } })).toThrow(
    refusal('confirm.of', 'not below confirm.looks'),
  );
});

test('a watch needs a reason to look: a time, a schedule or a change', () => {
  for (const onSceneChange of [undefined, false])
    expect(() => input({ everyMs: undefined, onSceneChange })).toThrow(
      refusal('everyMs', 'set everyMs, schedule or onSceneChange'),
    );
  for (const reason of [{ schedule: ['09:00'] }, { onSceneChange: true }, { onSceneChange: {} }])
    expect(input({ everyMs: undefined, ...reason }).everyMs).toBeNull();
});

test('an act that speaks needs the agent session', () => {
  for (const act of [{ say: 'Open.' }, { reply: () => 'Say that it is open.' }]) {
    expect(() => input({ act })).toThrow(refusal('session', 'needs the AgentSession'));
    expect(() => input({ act, session })).not.toThrow();
    expect(() =>
      watchInput({ everyMs: 1, decide, act } as VideoWatchOptions<unknown>, session),
    ).not.toThrow();
  }
});

test.each([[undefined], [null], ['say'], [{}], [{ tell: 'Open.' }], [{ say: 'a', reply: 'b' }]])(
  'an act of %j is refused',
  (act) => {
    expect(() => input({ act, session })).toThrow(refusal('act', "a function, or 'event'"));
  },
);

test.each([
  ['decide', undefined, 'give a function'],
  ['decide', {}, 'give a function'],
  ['decide', { llm: 'gpt-4o', question: 'Is it open?', answer: {} }, 'give a function'],
  ['decide.question', { llm: new RecordingLLM(), question: '', answer: {} }, 'not empty'],
  [
    'decide.image.quality',
    { llm: new RecordingLLM(), question: 'Is it open?', answer: {}, image: { quality: 0 } },
    'from 1 to 100',
  ],
])('an invalid %s is refused', (option, one, words) => {
  expect(() => input({ decide: one })).toThrow(refusal(option, words));
});

test('a question to a model is accepted', () => {
  const question = { llm: new RecordingLLM(), question: 'Is it open?', answer: {} };
  expect(() => input({ decide: question })).not.toThrow();
  expect(() => input({ decide: { ...question, image: { quality: 60 } } })).not.toThrow();
});

test.each([
  ['onSceneChange.threshold', { onSceneChange: { threshold: 2 } }],
  ['confirm.looks', { confirm: { looks: 0 } }],
  ['budget.actsPerHour', { budget: { actsPerHour: -1 } }],
  ['limits.backOffMs', { limits: { backOffMs: 0 } }],
  ['coolDownMs', { coolDownMs: -1 }],
  ['everyMs', { everyMs: 0 }],
])('an invalid %s is refused with its name', (option, options) => {
  expect(() => input(options)).toThrow(expect.objectContaining({ option }));
});
