import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { within } from '../../src/testing/waits.ts';
import { endStages, liveStage, stagesEnded } from '../support/realtime-stage.ts';

afterEach(endStages);
afterAll(stagesEnded);

test('a reply that is interrupted before its request is not requested from OpenAI', async () => {
  const { fake, session } = await liveStage('openai');
  const model = session.currentAgent.getActivityOrThrow().realtimeLLMSession;
  if (!model) throw new Error('the agent has no realtime session');
  const update = model.updateChatCtx.bind(model);
  model.updateChatCtx = async (context) => {
    await update(context);
    session.interrupt();
  };
  const asked: string[] = [];
  fake.reply = ({ text }) => {
    asked.push(text);
    return 'I see it.';
  };
  const speech = session.generateReply({ userInput: 'What is it?' });
  await within('end of the speech', speech.waitForPlayout(), 60_000);
  expect(speech.interrupted).toBe(true);
  model.updateChatCtx = update;
  await session.generateReply({ userInput: 'And now?' }).waitForPlayout();
  expect(asked).toEqual(['What is it?\nAnd now?']);
  const types = fake.messages.map(({ message }) => message.type);
  expect(types).not.toContain('response.cancel');
});

test('a reply that is interrupted by what arrives after its request is requested', async () => {
  const { fake, session } = await liveStage('google');
  const model = session.currentAgent.getActivityOrThrow().realtimeLLMSession;
  if (!model) throw new Error('the agent has no realtime session');
  const interrupted = new AbortController();
  const replied = model.generateReply('Say what it is.', { signal: interrupted.signal });
  // Whatever a socket delivers is handled no earlier than this.
  await setImmediate();
  interrupted.abort();
  await replied.catch(() => {});
  const isRequest = () =>
    fake.messages.some(({ message }) => JSON.stringify(message).includes('Say what it is.'));
  await fake.until(isRequest, 'the request');
});
