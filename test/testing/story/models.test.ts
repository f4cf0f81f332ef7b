import { llm } from '@livekit/agents';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { greyFrame } from '../../../src/testing/camera/levels.ts';
import type { Question as Asking } from '../../../src/testing/fakes/reply.ts';
import { StoryModels } from '../../../src/testing/story/models.ts';
import { StoryRecord } from '../../../src/testing/story/record.ts';
import type { StoryToolCall } from '../../../src/testing/story/steps.ts';
import { storyQuestion } from '../../support/story-question.ts';

let record: StoryRecord;
let models: StoryModels;
beforeEach(() => {
  record = new StoryRecord();
  models = new StoryModels(record);
});
afterEach(() => models.close());

const question = (number: number, ...tools: StoryToolCall[]) => {
  const made = storyQuestion(number, { tools });
  record.questions.push(made);
  return made;
};

describe('the model of a pipeline in a story', () => {
  /** A conversation of these texts of the user, with results of tools in between. */
  const context = (...items: (string | 'result')[]) => {
    const made = new llm.ChatContext();
    for (const [index, item] of items.entries())
      if (item !== 'result') made.addMessage({ role: 'user', content: item });
      else
        made.insert(
          llm.FunctionCallOutput.create({ callId: `${index}`, output: 'x', isError: false }),
        );
    return made;
  };
  const ask = async (chatCtx: llm.ChatContext, kind: 'pipeline' | 'textOnly' = 'pipeline') => {
    const model = (await models.get(kind)).llm as llm.LLM;
    const { text, toolCalls } = await model.chat({ chatCtx }).collect();
    const calls = toolCalls.map(({ name, args }) => `${name} ${args}`);
    return { model: model.model, text, calls };
  };

  test('a model answers the last question, and each kind has its own name', async () => {
    const chatCtx = context('Question 1?', 'Question 2?', 'Well?');
    expect(await ask(chatCtx)).toMatchObject({ model: 'story', text: 'Answer 2.', calls: [] });
    expect(await ask(chatCtx, 'textOnly')).toMatchObject({ model: 'gpt-3.5-turbo' });
    expect(await models.get('pipeline')).toBe(await models.get('pipeline'));
    expect(record.asked).toMatchObject([
      { agent: 'pipeline', question: 2, isFollowUp: false },
      { agent: 'textOnly', question: 2 },
    ]);
  });

  test('a question with tools is answered with their calls first, once', async () => {
    question(1, 'look', 'lookAtCamera', 'lookAtScreen', 'slow');
    const chatCtx = context('Question 1?');
    expect((await ask(chatCtx)).calls).toEqual([
      'look {}',
      'look {"source":"camera"}',
      'look {"source":"screen"}',
      'slow {}',
    ]);
    expect(await ask(chatCtx)).toMatchObject({ text: 'Answer 1.', calls: [] });
  });

  test('a request is a follow-up if the results of tools are behind the question', async () => {
    await ask(context('Question 1?', 'result'));
    await ask(context('Question 1?', 'result', 'a picture'));
    await ask(context('Question 1?', 'result', 'Question 2?'));
    expect(record.asked.map(({ isFollowUp }) => isFollowUp)).toEqual([true, true, false]);
  });

  test('a request has all pictures, and those of its own message', async () => {
    const chatCtx = context('Question 1?');
    const image = llm.createImageContent({ image: greyFrame(1) });
    chatCtx.addMessage({ role: 'user', content: [image] });
    chatCtx.addMessage({ role: 'user', content: ['Question 2?', image] });
    await ask(chatCtx);
    expect(record.asked).toMatchObject([{ own: [{}], pictures: [{}, {}] }]);
    expect(record.asked[0]?.own).toHaveLength(1);
  });
});

describe('the model of a service in a story', () => {
  /** What the model answers to this, and the requests that it noted. */
  const reply = async (asking: Partial<Asking>) => {
    const { service } = await models.get('openai');
    return service?.reply({
      ...{ connection: 1, text: '', instructions: '', cause: 'text', frames: [] },
      ...asking,
    });
  };

  test('a model answers all questions that have no answer yet', async () => {
    question(1).answers.push(5);
    question(2);
    question(3);
    expect(await reply({ text: 'Question 1?\nQuestion 2?\nQuestion 3?' })).toBe(
      'Answer 2. Answer 3.',
    );
    expect(await reply({ text: 'Question 1?' })).toBe('Answer 1.');
    expect(await reply({ text: 'unclear' })).toBe('Answer 3.');
    expect(record.asked.map((one) => [one.agent, one.question, one.isFollowUp])).toEqual([
      ['openai', 2, false],
      ['openai', 3, false],
      ['openai', 1, false],
      ['openai', 3, false],
    ]);
  });

  test('the results of tools are for the question that called them', async () => {
    question(1, 'look', 'slow');
    const calls = await reply({ text: 'Question 1?' });
    expect(calls).toEqual({ toolCalls: [{ name: 'look' }, { name: 'slow' }] });
    question(2);
    expect(await reply({ text: '[{"x":1}]', cause: 'tools' })).toBe('Answer 1.');
    expect(record.asked.at(-1)).toMatchObject({ question: 1, isFollowUp: true });
    expect(await reply({ text: 'Question 1?' })).toBe('Answer 1.');
  });

  test('Gemini calls tools only on a connection that has them', async () => {
    question(1, 'look');
    const { service } = await models.get('gemini');
    const asking = { text: 'Question 1?', instructions: '', cause: 'text', frames: [] } as const;
    expect(await service?.reply({ ...asking, connection: 1 })).toBe('Answer 1.');
  });

  test('the newest picture of a request counts as that of its turn', async () => {
    const frames = [{ width: 1 }, { width: 2 }] as never;
    await reply({ text: 'Question 1?', frames });
    expect(record.asked[0]).toMatchObject({ own: [{ width: 2 }], pictures: [{}, {}] });
  });

  test('the close notes what the service received and refused, but for a late request', async () => {
    const { service, close } = await models.get('openai');
    const frame = { at: 3, width: 1 };
    const late = 'connection 1: conversation_already_has_active_response: x';
    Object.defineProperty(service, 'frames', { value: [frame] });
    Object.defineProperty(service, 'violations', { value: [late, 'connection 1: x'] });
    await close();
    expect(record.received).toEqual([{ at: 3, agent: 'openai', picture: frame }]);
    expect(record.refused).toEqual(['the service of openai refused: connection 1: x']);
  });
});

test('a model that takes no video answers the last question', async () => {
  question(1);
  question(2);
  const model = (await models.get('voiceOnly')).llm as llm.RealtimeModel;
  const session = model.session();
  const { messageStream } = await session.generateReply();
  for await (const { textStream } of messageStream)
    for await (const text of textStream) expect(text).toBe('Answer 2.');
  expect(record.asked).toMatchObject([{ agent: 'voiceOnly', question: 2, pictures: [], own: [] }]);
  await session.close();
});
