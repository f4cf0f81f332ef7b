import type { llm } from '@livekit/agents';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import type { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  geminiStage,
  live,
  never,
  type RealtimeStage,
  type StageOptions,
  stagesEnded,
} from '../support/realtime-stage.ts';

type Stage = RealtimeStage<FakeGeminiLive>;

/** Attempts follow each other quickly. */
const QUICK = { retryBaseMs: 20 };

const camera = fileCamera();
afterEach(endStages);
afterAll(() => stagesEnded());

const newStage = (options: StageOptions = {}): Promise<Stage> =>
  geminiStage({
    ...options,
    video: { input: { sampler: never }, realtime: { reconnect: QUICK }, ...options.video },
  });

/** One that has seen level 2. */
async function seeingStage(options?: StageOptions): Promise<Stage> {
  const stage = await newStage(options);
  camera.show(2);
  await live(stage);
  const first = stage.fake.nextFrame();
  await stage.watch(camera);
  camera.show(2);
  await first;
  return stage;
}

const modelOf = ({ session }: Stage) =>
  session.currentAgent.getActivityOrThrow().realtimeLLMSession as llm.RealtimeSession;

const attemptFailed = (stage: Stage) =>
  new Promise((resolve) => modelOf(stage).once('error', resolve));

const said = ({ session }: Stage): string[] =>
  session.history.items.flatMap((item) =>
    item.type === 'message' && item.role === 'assistant' ? [item.textContent ?? ''] : [],
  );

/** The agent lives: its model has the newest frame again, and answers the next turn. */
async function expectAlive(stage: Stage): Promise<void> {
  const { id } = stage.fake.connection;
  await stage.fake.until(() => stage.framesOn(id).length > 0, 'a picture on the new connection');
  const before = said(stage).length;
  await within(
    'answer',
    stage.session.generateReply({ userInput: 'And now?' }).waitForPlayout(),
    10_000,
  );
  expect(said(stage).slice(before)).toEqual(['I see it.']);
  expect(stage.fake.violations).toEqual([]);
  expect(stage.events.filter(({ type }) => type === 'error')).toEqual([]);
}

async function expectEnded(stage: Stage, message: RegExp): Promise<void> {
  await within(
    'end',
    waitFor(stage.video.actor, ({ status }) => status === 'done'),
  );
  expect(stage.events.filter(({ type }) => type === 'error')).toEqual([
    { type: 'error', cause: 'model', message: expect.stringMatching(message) },
  ]);
  expect(stage.video.metrics().errors).toEqual({ model: 1 });
  expect(stage.room.listenerCount('trackPublished')).toBe(0);
  await stage.fake.until(() => stage.fake.connections.every(({ isOpen }) => !isOpen));
}

describe('a connection of Gemini Live that', () => {
  test.each([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014])(
    'closes with %i is resumed with its handle, and the agent lives',
    async (code) => {
      const stage = await seeingStage();
      const { handle } = stage.fake.connection;
      const resumed = stage.next('model.resumed');
      stage.fake.closeConnection(code);
      expect(await resumed).toMatchObject({ attempts: 1, tookMs: expect.any(Number) });
      expect(stage.fake.connection.resumedFrom).toBe(handle);
      await expectAlive(stage);
      expect(stage.life).toEqual(['dropped', 'resumed']);
      expect(stage.video.metrics().model).toMatchObject({
        dropped: 1,
        resumed: 1,
        resumeMs: { count: 1 },
      });
    },
  );

  test('is aborted by the service with 1008 is resumed', async () => {
    const stage = await seeingStage();
    const resumed = stage.next('model.resumed');
    stage.fake.closeConnection(1008, 'The operation was aborted.');
    await resumed;
    await expectAlive(stage);
  });

  test('is refused while it is made again is resumed when the service is back', async () => {
    const stage = await seeingStage();
    const dropped = stage.next('model.dropped');
    stage.fake.refuseConnections('tcp');
    stage.fake.closeConnection(1006);
    await dropped;
    await attemptFailed(stage);
    await stage.fake.acceptConnections();
    const { attempts } = await stage.next('model.resumed');
    expect(attempts).toBeGreaterThan(1);
    await expectAlive(stage);
    expect(stage.life).toEqual(['dropped', 'resumed']);
  });

  test('gets 503 while it is made again is resumed when the service is back', async () => {
    const stage = await seeingStage();
    const dropped = stage.next('model.dropped');
    stage.fake.refuseConnections({ status: 503 });
    stage.fake.closeConnection(1011);
    await dropped;
    await attemptFailed(stage);
    await stage.fake.acceptConnections();
    await stage.next('model.resumed');
    await expectAlive(stage);
  });

  test('closes again during its setup is resumed', async () => {
    const stage = await seeingStage();
    const release = stage.fake.setup.hold();
    const again = stage.fake.nextConnection();
    stage.fake.closeConnection(1006);
    const second = await again;
    await stage.fake.until(() => second.setup !== undefined, 'a setup');
    const resumed = stage.next('model.resumed');
    second.close(1011);
    release();
    expect(await resumed).toMatchObject({ attempts: 2 });
    await expectAlive(stage);
  });

  test('cannot be resumed by its handle goes on with the history', async () => {
    const stage = await seeingStage();
    await stage.session.generateReply({ userInput: 'I am Ann.' }).waitForPlayout();
    stage.fake.forgetSessions();
    const resumed = stage.next('model.resumed');
    stage.fake.closeConnection(1011);
    await resumed;
    const { id, resumedFrom } = stage.fake.connection;
    expect(resumedFrom).toBeUndefined();
    const isToldOf = ({ connection, message }: (typeof stage.fake.messages)[number]) =>
      connection === id && JSON.stringify(message).includes('I am Ann.');
    await stage.fake.until(() => stage.fake.messages.some(isToldOf), 'the history');
    const [refused] = stage.fake.violations;
    expect(stage.fake.violations).toEqual([refused]);
    expect(refused).toMatch(/session not found/);
  });

  test('breaks off before a typed turn is answered is asked again, once', async () => {
    const stage = await seeingStage();
    const asked: string[] = [];
    stage.fake.reply = ({ text }) => {
      asked.push(text);
      if (asked.length > 1) return 'A cat.';
      queueMicrotask(() => stage.fake.closeConnection(1006));
      return null;
    };
    await within(
      'answer',
      stage.session.generateReply({ userInput: 'What is it?' }).waitForPlayout(),
      10_000,
    );
    expect(said(stage)).toEqual(['A cat.']);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toContain('What is it?');
  });

  test('breaks off in an answer is reported so, and the next turn is answered', async () => {
    const stage = await seeingStage();
    stage.fake.reply = () => ({ text: 'It is', hold: true });
    const speech = stage.session.generateReply({ userInput: 'What is it?' });
    await new Promise((resolve) => modelOf(stage).once('generation_created', resolve));
    const dropped = stage.next('model.dropped');
    const resumed = stage.next('model.resumed');
    stage.fake.closeConnection(1011, 'Internal error.');
    expect(await dropped).toEqual({
      type: 'model.dropped',
      reason: 'Internal error.',
      wasAnswering: true,
      isRetried: true,
    });
    await within('end of the speech', speech.waitForPlayout(), 10_000);
    await resumed;
    stage.fake.reply = () => 'I see it.';
    await expectAlive(stage);
  });
});

describe('a first connection to Gemini Live that', () => {
  test.each([{ status: 503 }, 'tcp'] as const)(
    'is refused with %o is made when the service is there',
    async (refusal) => {
      const stage = await newStage();
      const dropped = stage.next('model.dropped');
      stage.fake.refuseConnections(refusal);
      const started = stage.start();
      await dropped;
      await stage.fake.acceptConnections();
      await started;
      camera.show(2);
      await stage.watch(camera);
      camera.show(2);
      await stage.fake.until(() => stage.fake.frames.length > 0, 'a picture');
      await expectAlive(stage);
      expect(stage.life).toEqual(['dropped', 'resumed']);
    },
  );

  test('closes during its setup is made again', async () => {
    const stage = await newStage();
    const release = stage.fake.setup.hold();
    const first = stage.fake.nextConnection();
    const started = stage.start();
    const connection = await first;
    await stage.fake.until(() => connection.setup !== undefined, 'a setup');
    const resumed = stage.next('model.resumed');
    connection.close(1011);
    release();
    await resumed;
    await started;
    camera.show(2);
    await stage.watch(camera);
    camera.show(2);
    await stage.fake.until(() => stage.fake.frames.length > 0, 'a picture');
    await expectAlive(stage);
  });

  test('each of several sessions at once loses: each gets its own again', async () => {
    const stages = await Promise.all([newStage(), newStage(), newStage()]);
    for (const { fake } of stages) fake.refuseConnections({ status: 503 });
    const dropped = stages.map((stage) => stage.next('model.dropped'));
    const started = stages.map((stage) => stage.start());
    await Promise.all(dropped);
    const resumed = stages.map((stage) => stage.next('model.resumed'));
    for (const { fake } of stages) await fake.acceptConnections();
    await Promise.all([...started, ...resumed]);
    for (const { fake, life } of stages) {
      expect(fake.connections).toHaveLength(1);
      expect(life).toEqual(['dropped', 'resumed']);
    }
  });
});

describe('the agent session ends with the error', () => {
  test.each([
    [1007, 'Request contains an invalid argument.'],
    [1008, 'API key not valid. Please pass a valid API key.'],
  ])('of a close with %i: %s', async (code, reason) => {
    const stage = await seeingStage();
    stage.fake.closeConnection(code, reason);
    await expectEnded(stage, new RegExp(reason.slice(0, 10)));
    expect(stage.life).toEqual(['dropped']);
    expect(stage.events).toContainEqual(
      expect.objectContaining({ type: 'model.dropped', isRetried: false }),
    );
    expect(stage.fake.connections).toHaveLength(1);
  });

  test('of a service that is gone for good, after the attempts of the option', async () => {
    const stage = await seeingStage({
      video: {
        input: { sampler: never },
        realtime: { reconnect: { attempts: 2, retryBaseMs: 1 } },
      },
    });
    let attempts = 0;
    stage.fake.setup.hold();
    const closeAll = () => {
      const next = stage.fake.nextConnection();
      void next.then(
        (connection) => {
          attempts++;
          closeAll();
          void stage.fake
            .until(() => connection.setup !== undefined, 'a setup')
            .then(() => connection.close(1011));
        },
        () => {},
      );
    };
    closeAll();
    stage.fake.closeConnection(1011);
    await expectEnded(stage, /1011/);
    expect(attempts).toBe(2);
  });

  test.each([401, 403])('of a first connection that gets %i', async (status) => {
    const stage = await newStage();
    stage.fake.refuseConnections({ status });
    await stage.start().catch(() => {});
    await expectEnded(stage, /./);
    expect(stage.life).toEqual(['dropped']);
  });

  test.each([1005, 1006, 1011])(
    'of the first close with %i, with reconnect: false',
    async (code) => {
      const stage = await seeingStage({
        video: { input: { sampler: never }, realtime: { reconnect: false } },
      });
      stage.fake.closeConnection(code);
      await expectEnded(stage, /closed/);
    },
  );
});
