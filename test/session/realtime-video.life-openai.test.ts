import { llm, voice } from '@livekit/agents';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import { within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  INSTRUCTIONS,
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

const look = llm.tool({
  name: 'look',
  description: 'Looks.',
  parameters: z.object({}),
  execute: async () => 'a cat',
});

/** Sends pictures only to a new connection, and on request. */
async function quietStage(options: StageOptions = {}): Promise<Stage> {
  return await openAIStage({ ...options, video: { ...options.video, input: { sampler: never } } });
}

/** A stage whose model has seen level 2. */
async function seeingStage(options?: StageOptions): Promise<Stage> {
  const stage = await quietStage(options);
  camera.show(2);
  await live(stage);
  const first = stage.fake.nextFrame();
  await stage.watch(camera);
  camera.show(2);
  await first;
  await stage.fake.connection.reaction();
  return stage;
}

/** The connection got exactly these pictures, and there was no violation. */
async function expectSeen(stage: Stage, connection: number, ...levels: number[]): Promise<void> {
  await stage.fake.until(() => stage.framesOn(connection).length >= levels.length, 'pictures');
  await stage.settled();
  await stage.fake.connection.reaction();
  expect(await stage.levelsOn(connection)).toEqual(levels);
  expect(stage.fake.violations).toEqual([]);
}

const picturesSeen = ({ fake }: Stage) => fake.pictures.map(({ itemId }) => itemId);

describe('OpenAI Realtime', () => {
  test('an OpenAI session that is still connecting gets the newest frame when it is ready', async () => {
    const stage = await quietStage();
    const release = stage.fake.setup.hold();
    await stage.start();
    await stage.watch(camera);
    await stage.showMeanwhile(camera, 3, 4, 5);
    expect(stage.link).toEqual(['waiting']);
    release();
    await expectSeen(stage, 1, 5);
    expect(stage.link).toEqual(['waiting', 'sighted']);
    expect(stage.skips).toContain('not-connected');
  });

  test.each([1000, 1006, 1011])(
    'an OpenAI session that closes with %i gets the newest frame on the next connection, and none before',
    async (code) => {
      const stage = await seeingStage();
      await stage.shown(camera, 3);
      await stage.fake.connection.reaction();
      const release = stage.fake.setup.hold();
      const waiting = stage.next('model.waiting');
      stage.fake.closeConnection(code);
      await waiting;
      await stage.showMeanwhile(camera, 4, 5);
      release();
      await expectSeen(stage, 2, 5);
      expect(stage.link).toEqual(['waiting', 'sighted', 'waiting', 'sighted']);
      await stage.shown(camera, 6);
      await expectSeen(stage, 2, 5, 6);
      expect(stage.fake.pictures).toHaveLength(2);
      expect(await stage.levelsOn(1)).toEqual([2, 3]);
    },
  );

  test('an OpenAI session that closes during a push loses that picture, and none is replayed', async () => {
    const stage = await seeingStage();
    stage.fake.pauseReading();
    const sent = stage.next('sample.sent');
    await stage.showMeanwhile(camera, 3);
    await sent;
    const next = stage.fake.nextConnection();
    stage.fake.closeConnection(1011);
    await next;
    await stage.showMeanwhile(camera, 4);
    await stage.settled();
    await stage.fake.connection.reaction();
    const levels = await stage.levelsOn(2);
    // The lost picture is the newest until the next one comes.
    expect([[4], [3, 4]]).toContainEqual(levels);
    expect(await stage.levelsOn(1)).toEqual([2]);
    expect(stage.fake.violations).toEqual([]);
  });

  test('the OpenAI plugin reconnects by itself before the old connection is closed', async () => {
    // The next connection ends as early, and the test may be slow.
    const stage = await seeingStage({ openai: { maxSessionDuration: 8000 } });
    const [first] = stage.fake.connections;
    // A peer that does not read does not answer a close either.
    stage.fake.pauseReading();
    await stage.fake.until(() => stage.fake.connections.length === 2, 'the next connection');
    await expectSeen(stage, 2, 2);
    expect(first?.isOpen).toBe(true);
    first?.close(1006);
    await first?.closed;
    await stage.shown(camera, 7);
    await expectSeen(stage, 2, 2, 7);
  });

  test('other tools keep the OpenAI connection and its pictures', async () => {
    const stage = await seeingStage();
    const told = stage.fake.nextMessage((message) => JSON.stringify(message).includes('"look"'));
    await stage.session.currentAgent.updateTools([look]);
    await told;
    await expectSeen(stage, 1, 2);
    await stage.shown(camera, 3);
    expect(stage.fake.connections).toHaveLength(1);
    expect(stage.fake.pictures).toHaveLength(2);
  });

  test.each([
    ['the same tools', []],
    ['other tools', [look]],
  ])(
    'a hand-off with %s empties the OpenAI conversation, which gets the newest frame at once',
    async (_, tools) => {
      const stage = await seeingStage();
      await stage.shown(camera, 3);
      await stage.fake.connection.reaction();
      const before = picturesSeen(stage);
      expect(before).toHaveLength(2);
      const again = stage.fake.nextFrame();
      stage.session.updateAgent(new voice.Agent({ instructions: INSTRUCTIONS, tools }));
      await again;
      await expectSeen(stage, 1, 2, 3, 3);
      expect(stage.fake.connections).toHaveLength(1);
      for (const id of before) expect(picturesSeen(stage)).not.toContain(id);
      for (const level of [4, 5, 6, 7]) await stage.shown(camera, level);
      await expectSeen(stage, 1, 2, 3, 3, 4, 5, 6, 7);
      expect(stage.fake.pictures).toHaveLength(3);
    },
  );
});

describe('pictures in the conversation', () => {
  test('the OpenAI conversation keeps the newest three pictures, each with its own id', async () => {
    const stage = await seeingStage();
    for (const level of [3, 4, 5, 6, 7]) await stage.shown(camera, level);
    await expectSeen(stage, 1, 2, 3, 4, 5, 6, 7);
    const ids = stage.fake.frames.map(({ itemId }) => itemId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(picturesSeen(stage)).toEqual(ids.slice(-3));
    const deleted = stage.fake.messages.flatMap(({ message }) =>
      message.type === 'conversation.item.delete' ? [message.item_id] : [],
    );
    expect(deleted).toEqual(ids.slice(0, -3));
    expect(stage.fake.connection.errors).toEqual([]);
  });

  test.each([1, 2, 5])(
    'the OpenAI conversation keeps the newest %i pictures if the option says so',
    async (keepPictures) => {
      const stage = await seeingStage({ video: { realtime: { keepPictures, detail: 'low' } } });
      for (const level of [3, 4, 5, 6, 7, 8]) await stage.shown(camera, level);
      await expectSeen(stage, 1, 2, 3, 4, 5, 6, 7, 8);
      expect(stage.fake.pictures).toHaveLength(keepPictures);
      const last = stage.fake.conversation.at(-1);
      expect(last).toMatchObject({
        role: 'user',
        content: [{ type: 'input_image', detail: 'low' }],
      });
    },
  );
});

test('an OpenAI session that ends closes its connection, which the plugin itself does not do', async () => {
  const stage = await seeingStage();
  const { closed } = stage.fake.connection;
  await stage.video.close();
  await within('the end of the connection', closed);
  expect(stage.fake.violations).toEqual([]);
});
