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

/** Pictures go only to a connection that has seen none, and when they are asked for. */
async function quietStage(options: StageOptions = {}): Promise<Stage> {
  return await geminiStage({ ...options, video: { input: { sampler: never } } });
}

/** One that has seen level 2. */
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

/** The only picture of this connection shows the newest level, and nothing was wrong. */
async function expectNewestFirst(stage: Stage, connection: number, level: number): Promise<void> {
  await stage.fake.until(() => stage.framesOn(connection).length > 0, 'a picture');
  await stage.settled();
  expect(await stage.levelsOn(connection)).toEqual([level]);
  expect(stage.fake.violations).toEqual([]);
  expect(stage.events.filter(({ type }) => type === 'error')).toEqual([]);
}

describe('Gemini Live', () => {
  test('still connecting: the newest frame goes as soon as it can', async () => {
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

  test('goAway: it resumes, and the newest frame goes first', async () => {
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

  test('a still picture, of which no newer frame comes, is shown again after goAway', async () => {
    const stage = await seeingStage();
    await stage.session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
    expect(stage.skips).toContain('no-frame');
    stage.fake.goAway();
    await expectNewestFirst(stage, 2, 2);
  });

  test('other tools: it restarts, and sees at once what it saw before', async () => {
    const stage = await seeingStage();
    await stage.session.currentAgent.updateTools([look]);
    await stage.fake.until(() => stage.fake.connections.at(-1)?.toolNames[0] === 'look');
    // No newer frame came: this one is still the newest.
    await expectNewestFirst(stage, 2, 2);
    expect(stage.fake.connections).toHaveLength(2);
  });

  test('another voice: it restarts, and the newest frame goes first', async () => {
    const stage = await seeingStage();
    const sighted = stage.next('model.sighted');
    const session = stage.session.currentAgent.getActivityOrThrow().realtimeLLMSession;
    if (!session || !('updateOptions' in session)) return expect.fail('no session');
    (session as { updateOptions(options: object): void }).updateOptions({ voice: 'Kore' });
    await sighted;
    await expectNewestFirst(stage, 2, 2);
  });

  test('a hand-off with the same tools keeps the connection, and what it has seen', async () => {
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

  test('a hand-off with other tools: the new session gets the newest frame first', async () => {
    const stage = await seeingStage();
    stage.session.updateAgent(new voice.Agent({ instructions: INSTRUCTIONS, tools: [look] }));
    await stage.fake.until(() => stage.fake.connections.at(-1)?.toolNames[0] === 'look');
    const { id } = stage.fake.connection;
    await expectNewestFirst(stage, id, 2);
    await stage.shown(camera, 7);
    expect(await stage.levelsOn(id)).toEqual([2, 7]);
  });

  test('a silent close with 1000 is noticed: it is resumed and sees the newest first', async () => {
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

  test('a close in mid-push loses that picture, and no older one comes after it', async () => {
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
