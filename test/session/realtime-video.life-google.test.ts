import { llm, voice } from '@livekit/agents';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  geminiStage,
  INSTRUCTIONS,
  live,
  never,
  type RealtimeStage,
  type StageOptions,
  stagesEnded,
} from '../support/realtime-stage.ts';

type Stage = RealtimeStage<FakeGeminiLive>;

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
  return await geminiStage({ ...options, video: { input: { sampler: never } } });
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
  return stage;
}

/** The only picture of this connection shows the newest level, and there was no violation. */
async function expectNewestFirst(stage: Stage, connection: number, level: number): Promise<void> {
  await stage.fake.until(() => stage.framesOn(connection).length > 0, 'a picture');
  await stage.settled();
  expect(await stage.levelsOn(connection)).toEqual([level]);
  expect(stage.fake.violations).toEqual([]);
  expect(stage.events.filter(({ type }) => type === 'error')).toEqual([]);
}

describe('Gemini Live', () => {
  test('a Gemini session that is still connecting gets the newest frame when it is ready', async () => {
    const stage = await quietStage();
    const release = stage.fake.setup.hold();
    await stage.start();
    await stage.watch(camera);
    await stage.fake.until(() => stage.fake.connections[0]?.setup !== undefined, 'a setup');
    await stage.showMeanwhile(camera, 3, 4, 5);
    expect(stage.link).toEqual(['waiting']);
    expect(stage.fake.frames).toEqual([]);
    release();
    await expectNewestFirst(stage, 1, 5);
    expect(stage.link).toEqual(['waiting', 'sighted']);
    expect(stage.skips).toContain('not-connected');
  });

  test('a Gemini session resumes after goAway and gets the newest frame first', async () => {
    const stage = await seeingStage();
    const { handle } = stage.fake.connection;
    const release = stage.fake.setup.hold();
    const waiting = stage.next('model.waiting');
    stage.fake.goAway();
    await waiting;
    await stage.showMeanwhile(camera, 3, 4);
    release();
    await expectNewestFirst(stage, 2, 4);
    expect(stage.fake.connection.resumedFrom).toBe(handle);
    expect(stage.link).toEqual(['waiting', 'sighted', 'waiting', 'sighted']);
    expect(await stage.levelsOn(1)).toEqual([2]);
  });

  test('a Gemini session gets a still picture again after goAway if no newer frame comes', async () => {
    const stage = await seeingStage();
    await stage.session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
    expect(stage.skips).toContain('no-frame');
    stage.fake.goAway();
    await expectNewestFirst(stage, 2, 2);
  });

  test('a Gemini session restarts for other tools and gets its last frame again at once', async () => {
    const stage = await seeingStage();
    await stage.session.currentAgent.updateTools([look]);
    await stage.fake.until(() => stage.fake.connections.at(-1)?.toolNames[0] === 'look');
    // No newer frame came, so this one is still the newest.
    await expectNewestFirst(stage, 2, 2);
    expect(stage.fake.connections).toHaveLength(2);
  });

  test('a Gemini session restarts for another voice and gets the newest frame first', async () => {
    const stage = await seeingStage();
    const sighted = stage.next('model.sighted');
    const session = stage.session.currentAgent.getActivityOrThrow().realtimeLLMSession;
    if (!session || !('updateOptions' in session)) return expect.fail('no session');
    (session as { updateOptions(options: object): void }).updateOptions({ voice: 'Kore' });
    await sighted;
    await expectNewestFirst(stage, 2, 2);
  });

  test('a hand-off with the same tools keeps the Gemini connection and its pictures', async () => {
    const stage = await seeingStage({ tools: [look] });
    const { connection } = stage.fake;
    const handedOff = stage.fake.nextMessage((message) =>
      JSON.stringify(message).includes('You look.'),
    );
    stage.session.updateAgent(new voice.Agent({ instructions: 'You look.', tools: [look] }));
    await handedOff;
    await stage.shown(camera, 6);
    expect(stage.fake.connection).toBe(connection);
    expect((await stage.levelsOn(connection.id)).slice(-2)).toEqual([2, 6]);
    expect(stage.link.at(-1)).toBe('sighted');
    expect(stage.fake.violations).toEqual([]);
  });

  test('a hand-off with other tools gives the new Gemini session the newest frame first', async () => {
    const stage = await seeingStage();
    stage.session.updateAgent(new voice.Agent({ instructions: INSTRUCTIONS, tools: [look] }));
    await stage.fake.until(() => stage.fake.connections.at(-1)?.toolNames[0] === 'look');
    const { id } = stage.fake.connection;
    await expectNewestFirst(stage, id, 2);
    await stage.shown(camera, 7);
    expect(await stage.levelsOn(id)).toEqual([2, 7]);
  });

  test('a Gemini session that closes silently with 1000 is resumed and gets the newest frame first', async () => {
    const stage = await seeingStage();
    const { handle } = stage.fake.connection;
    const next = stage.fake.nextConnection();
    const release = stage.fake.setup.hold();
    stage.fake.closeConnection(1000);
    await next;
    await stage.showMeanwhile(camera, 3, 4);
    release();
    await expectNewestFirst(stage, 2, 4);
    expect(stage.fake.connection.resumedFrom).toBe(handle);
    expect(stage.life).toEqual(['dropped', 'resumed']);
    expect(stage.session.currentAgent).toBe(stage.agent);
  });

  test('a Gemini session that closes during a push loses that picture, and no older one follows', async () => {
    const stage = await seeingStage();
    stage.fake.pauseReading();
    const sent = stage.next('sample.sent');
    await stage.showMeanwhile(camera, 3);
    await sent;
    await stage.showMeanwhile(camera, 4);
    const next = stage.fake.nextConnection();
    stage.fake.closeConnection(1000);
    await next;
    await expectNewestFirst(stage, 2, 4);
    expect(await stage.levelsOn(1)).toEqual([2]);
  });
});
