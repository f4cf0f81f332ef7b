import { once } from 'node:events';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import { within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  live,
  never,
  openAIStage,
  type RealtimeStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

afterEach(endStages);
afterAll(stagesEnded);

const LIMIT_MS = 60_000;
const camera = fileCamera();

/** The texts that the service's conversation has, in order. */
const texts = ({ fake }: RealtimeStage<FakeOpenAIRealtime>): string[] =>
  fake.connection.conversation.items.flatMap(({ role, content }) => {
    if (role !== 'user') return [];
    const [part] = content as { type: string; text?: string; transcript?: string }[];
    return [part?.text ?? part?.transcript ?? part?.type ?? ''];
  });

test('what the user says while a typed text waits for its picture stays in the conversation of OpenAI', async () => {
  const stage = await openAIStage({
    video: { input: { sampler: never }, turn: { attachBudgetMs: LIMIT_MS } },
  });
  await live(stage);
  await stage.watch(camera);
  await stage.shown(camera, 3);
  const model = stage.session.currentAgent.getActivityOrThrow().realtimeLLMSession;
  if (!model) throw new Error('the agent has no realtime session');

  camera.show(4);
  const { connection } = stage.fake;
  connection.pauseReading();
  const update = model.updateChatCtx.bind(model);
  const writing = new Promise<void>((resolve) => {
    model.updateChatCtx = (context) => {
      const written = update(context);
      resolve();
      return written;
    };
  });
  stage.session.generateReply({ userInput: 'What is it?' });
  // The framework has read the conversation by now.
  await writing;
  connection.speechStarted();
  connection.speechStopped('Is it red?');
  const heard = once(model, 'input_audio_transcription_completed');
  await within('the transcript', heard, LIMIT_MS);
  connection.resumeReading();
  await stage.fake.until(() => texts(stage).includes('What is it?'), 'the text', LIMIT_MS);
  await connection.reaction();

  expect(texts(stage).filter((text) => text.endsWith('?'))).toEqual(['Is it red?', 'What is it?']);
  // What was said is not written again as text, which the model would answer again.
  const said = stage.fake.connection.conversation.items.flatMap(({ content }) => content ?? []);
  expect(said).toContainEqual(expect.objectContaining({ type: 'input_audio' }));
  expect(stage.fake.violations).toEqual([]);
});
