import { expect, test, vi } from 'vitest';
import { deferred } from '../../../src/testing/simulated-clock.ts';
import { Questions } from '../../../src/testing/story/questions.ts';
import { StoryRecord } from '../../../src/testing/story/record.ts';
import type { StoryStage } from '../../../src/testing/story/stage.ts';

/** A stage whose session answers when a test does. */
function stage(more: object = {}) {
  const record = new StoryRecord();
  const session = {
    generateReply: vi.fn((_: { userInput: string }) => ({ waitForPlayout: async () => {} })),
    interrupt: vi.fn(),
  };
  const made = {
    ...{ record, session, agent: 'pipeline', model: undefined, isClosing: false },
    stalls: { isOver: (_limitMs: number, _from: number) => false },
    ...more,
  };
  const questions = new Questions(made as unknown as StoryStage);
  const answer = () => record.questions.at(-1)?.answers.push(1);
  return { questions, record, session, made, answer };
}

const connection = (isOpen = true, closed: Promise<void> = new Promise(() => {})) => ({
  isOpen,
  closed,
});

test('a typed question interrupts, is asked once, and ends with its answer', async () => {
  const { questions, record, session, answer } = stage();
  const first = questions.type(3, ['look']);
  expect(session.interrupt.mock.calls).toEqual([[{ force: false }]]);
  answer();
  await first;
  expect(session.generateReply.mock.calls).toEqual([[{ userInput: 'Question 1?' }]]);
  expect(record.questions).toMatchObject([
    { number: 1, step: 3, agent: 'pipeline', isSpoken: false, tools: ['look'], isTaken: true },
  ]);
  expect(record.questions[0]?.gaveUpAt).toBeUndefined();
});

test('a typed question cuts off the ones before it', async () => {
  const { questions, record, answer } = stage();
  const first = questions.type(0);
  const second = questions.type(1);
  await first;
  expect(record.questions[0]?.cutOff).toMatchObject({ by: 'another question' });
  answer();
  await second;
  expect(record.questions[1]?.cutOff).toBeUndefined();
});

test('a question that is refused is asked again until the agent takes it', async () => {
  const { questions, record, session, answer } = stage();
  session.generateReply.mockImplementationOnce(() => {
    throw new Error('not started');
  });
  const asked = questions.type(0);
  expect(record.questions[0]?.isTaken).toBe(false);
  answer();
  await asked;
  expect(session.generateReply).toHaveBeenCalledTimes(2);
  expect(record.questions[0]?.isTaken).toBe(true);
});

test('a question without an answer is given up after 4 seconds, and the agent is interrupted', async () => {
  const limits: number[] = [];
  const stalls = {
    isOver: (limitMs: number) => {
      limits.push(limitMs);
      return true;
    },
  };
  const { questions, record, session } = stage({ stalls });
  await questions.type(0);
  expect(record.questions[0]?.gaveUpAt).toBeGreaterThan(0);
  expect(session.interrupt.mock.calls.at(-1)).toEqual([{ force: true }]);
  expect(new Set(limits)).toEqual(new Set([4000]));
});

test('the close of a story ends the wait for an answer', async () => {
  const { questions, record } = stage({ isClosing: true });
  await questions.type(0);
  expect(record.questions[0]?.gaveUpAt).toBeGreaterThan(0);
});

test('an interruption without an agent is no error', () => {
  const { questions, session } = stage();
  session.interrupt.mockImplementation(() => {
    throw new Error('no agent');
  });
  expect(() => questions.interrupt()).not.toThrow();
});

test('a question by voice is typed for a model that takes no speech of the story', async () => {
  const { questions, record, session, answer } = stage({ agent: 'voiceOnly' });
  const asked = questions.speak(0);
  answer();
  await asked;
  expect(session.generateReply).toHaveBeenCalledOnce();
  expect(record.questions[0]).toMatchObject({ isSpoken: false });
});

test('a question by voice is heard by the service of a realtime model', async () => {
  const hear = vi.fn(async () => {});
  const service = { connections: [connection()], hear };
  const { questions, record, answer } = stage({ agent: 'gemini', model: { service } });
  const asked = questions.speak(2, ['slow']);
  answer();
  await asked;
  expect(hear.mock.calls).toEqual([['Question 1?']]);
  expect(record.questions).toMatchObject([
    { step: 2, agent: 'gemini', isSpoken: true, tools: ['slow'], isTaken: false },
  ]);
});

test('a question by voice waits for a connection, and is cut off by a hand-off before it', async () => {
  const connections = [connection(false)];
  const next = deferred<void>();
  const hear = vi.fn(async () => {});
  const service = { connections, hear, nextConnection: () => next.promise };
  const { questions, made, record, answer } = stage({ agent: 'gemini', model: { service } });
  const asked = questions.speak(0);
  expect(hear).not.toHaveBeenCalled();
  connections.push(connection());
  next.resolve();
  answer();
  await asked;
  expect(hear).toHaveBeenCalledOnce();
  connections.push(connection(false));
  const late = questions.speak(1);
  made.agent = 'openai';
  await late;
  expect(hear).toHaveBeenCalledOnce();
  expect(record.questions[1]?.cutOff).toMatchObject({ by: 'a hand-off' });
});

test('speech that a service refuses while it answers cuts the question off', async () => {
  const service = {
    connections: [connection()],
    hear: async () => {
      throw new Error('busy');
    },
  };
  const { questions, record } = stage({ agent: 'openai', model: { service } });
  await questions.speak(0);
  expect(record.questions[0]?.cutOff).toMatchObject({ by: 'another answer' });
});

test('speech ends with its connection', async () => {
  const service = {
    connections: [connection(true, Promise.resolve())],
    hear: () => new Promise(() => {}),
  };
  const { questions, answer } = stage({ agent: 'gemini', model: { service } });
  const asked = questions.speak(0);
  answer();
  await asked;
});
