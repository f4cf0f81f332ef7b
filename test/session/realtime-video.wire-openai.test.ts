import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { everyFrame } from '../../src/index.ts';
import type { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import { until, within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  live,
  never,
  openAIStage,
  type RealtimeStage,
  type StageOptions,
  stagesEnded,
} from '../support/realtime-stage.ts';

type Stage = RealtimeStage<FakeOpenAIRealtime>;

const camera = fileCamera();
afterEach(endStages);
afterAll(() => stagesEnded());

const ask = (stage: Stage, userInput: string) =>
  within('answer', stage.session.generateReply({ userInput }).waitForPlayout());

/** Kinds of items in the conversation, oldest first: a picture, a text of the user, an answer. */
const kinds = ({ fake }: Stage): string[] =>
  fake.conversation.map((item) => {
    if (JSON.stringify(item).includes('input_image')) return 'picture';
    return item.role === 'user' ? 'text' : 'answer';
  });

/** Messages of the service take 60 ms to arrive. */
function slow({ fake }: Stage): void {
  const { connection } = fake;
  const send = connection.send.bind(connection);
  connection.send = (event) => void setTimeout(() => send(event), 60);
}

async function watching(options: StageOptions): Promise<Stage> {
  const stage = await openAIStage(options);
  camera.show(2);
  await live(stage);
  await stage.watch(camera);
  camera.show(2);
  return stage;
}

describe('a typed turn of OpenAI Realtime', () => {
  test.each([1, 3])(
    'a typed turn comes after the newest picture even if the OpenAI service is slow: %i pictures are kept',
    async (keepPictures) => {
      const stage = await watching({
        video: {
          input: { sampler: never },
          turn: { attachBudgetMs: 2000 },
          realtime: { keepPictures },
        },
      });
      await stage.fake.until(() => stage.fake.frames.length > 0, 'a picture');
      slow(stage);
      for (const level of [3, 4, 5]) {
        await stage.shown(camera, level);
        camera.show(level + 1);
        await stage.video.look();
        const asked: string[][] = [];
        stage.fake.reply = () => {
          asked.push(kinds(stage));
          return 'I see it.';
        };
        await ask(stage, `What is it, the ${level}th time?`);
        expect(asked[0]?.slice(-2)).toEqual(['picture', 'text']);
        expect(stage.fake.connection.conversation.lastQuestion).toContain(`${level}th`);
      }
      await stage.fake.connection.reaction();
      expect(stage.fake.violations).toEqual([]);
      await until('the deletion', () => stage.fake.pictures.length === keepPictures);
    },
  );
});

test('a text that waits for its picture is written before the answer to a user who begins to speak', async () => {
  let release = () => {};
  const held = new Promise<null>((resolve) => {
    release = () => resolve(null);
  });
  let waits = () => {};
  const waiting = new Promise<void>((resolve) => {
    waits = resolve;
  });
  const process = () => {
    waits();
    return held;
  };
  const hold = { name: 'hold', timeoutMs: 60_000, process };
  const stage = await openAIStage({
    video: {
      input: { sampler: never, processors: [hold] },
      turn: { attachBudgetMs: 60_000 },
    },
  });
  const { fake, session } = stage;
  await live(stage);
  await stage.watch(camera);
  camera.show(2);
  const asked: string[] = [];
  fake.reply = ({ text }) => {
    asked.push(text);
    return 'I see it.';
  };
  session.generateReply({ userInput: 'What is this?' });
  await waiting;
  // Half of the time that the picture may take.
  const written = fake.nextMessage(
    ({ item }) => JSON.stringify(item ?? '').includes('What is'),
    30_000,
  );
  fake.speechStarted();
  await written;
  await fake.hear('And that?');
  await fake.until(() => asked.length > 0, 'the answer');
  expect(asked[0]?.split('\n').sort()).toEqual(['And that?', 'What is this?']);
  release();
});

test('an OpenAI service that refuses pictures gets no more after a few refusals, logged once', async () => {
  const stage = await openAIStage({
    service: { refusesPictures: true },
    video: { input: { sampler: everyFrame() } },
  });
  const blind = stage.next('model.blind');
  await live(stage);
  await stage.watch(camera);
  const timer = setInterval(() => camera.show(3), 30);
  try {
    const { reason } = await blind;
    expect(reason).toMatch(/^the service refuses pictures: .*input_image/);
    // Pictures may have been on their way when the last refusal came.
    await stage.fake.connection.reaction();
    const { length } = stage.fake.violations;
    expect(length).toBeGreaterThanOrEqual(4);
    for (let more = 0; more < 3; more++)
      await stage.next('sample.skipped', (event) => event.reason === 'refused');
    await stage.fake.connection.reaction();
    expect(stage.fake.violations).toHaveLength(length);
  } finally {
    clearInterval(timer);
  }
  const { frames, errors } = stage.video.metrics();
  expect(frames.sent).toBe(0);
  expect(frames.skipped.refused).toBeGreaterThanOrEqual(4);
  expect(errors).toEqual({ model: 1 });
  expect(stage.link.filter((event) => event === 'blind')).toHaveLength(1);
});
