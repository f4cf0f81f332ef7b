import type { llm } from '@livekit/agents';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import type { FakeOpenAIRealtime } from '../../../src/testing/fakes/openai-realtime.ts';
import { within } from '../../../src/testing/waits.ts';
import { fileCamera } from '../camera.ts';
import {
  endStages,
  live,
  type MakeOpenAIModel,
  never,
  openAIStage,
  type RealtimeStage,
  type StageOptions,
  stagesEnded,
} from '../realtime-stage.ts';

type Stage = RealtimeStage<FakeOpenAIRealtime>;

/** Short pauses between the attempts. */
const QUICK = { retryBaseMs: 20 };

const REFUSALS = [{ status: 503 }, { status: 429 }, 'tcp'] as const;

/**
 * Tests that a service with OpenAI's protocol survives lost and refused connections.
 * @param name - With the article "an" in the tests' names.
 */
export function testOpenAIDrops(name: string, makeModel?: MakeOpenAIModel): void {
  const camera = fileCamera();
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  const listeners = process.listeners('uncaughtException');
  beforeAll(() => {
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', note);
  });
  afterEach(() => {
    endStages();
    expect(uncaught).toEqual([]);
  });
  afterAll(async () => {
    await stagesEnded();
    process.off('uncaughtException', note);
    for (const listener of listeners) process.on('uncaughtException', listener);
    expect(uncaught).toEqual([]);
  });

  const newStage = (options: StageOptions = {}): Promise<Stage> =>
    openAIStage(
      {
        ...options,
        video: { input: { sampler: never }, realtime: { reconnect: QUICK }, ...options.video },
      },
      makeModel,
    );

  /** A stage whose model has seen level 2. */
  async function seeingStage(options?: StageOptions): Promise<Stage> {
    const stage = await newStage(options);
    camera.show(2);
    await live(stage);
    const first = stage.fake.nextFrame();
    await stage.watch(camera);
    camera.show(2);
    await first;
    await stage.fake.connection.reaction();
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

  const ask = (stage: Stage, userInput: string) =>
    within('answer', stage.session.generateReply({ userInput }).waitForPlayout());

  /** The agent works: its model gets the newest frame again and answers the next turn. */
  async function expectAlive(stage: Stage): Promise<void> {
    const { id } = stage.fake.connection;
    await stage.fake.until(() => stage.framesOn(id).length > 0, 'a picture on the new connection');
    const before = said(stage).length;
    await ask(stage, 'And now?');
    expect(said(stage).slice(before)).toEqual(['I see it.']);
    expect(stage.fake.connection.conversation.lastQuestion).toBe('And now?');
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
    await stage.fake.until(() => stage.fake.connections.every(({ isOpen }) => !isOpen));
  }

  describe(`a dropped connection of ${name} Realtime`, () => {
    test.each([1000, 1001, 1006, 1011, 1013])(
      `an ${name} connection that closes with %i is resumed`,
      async (code) => {
        const stage = await seeingStage();
        const resumed = stage.next('model.resumed');
        stage.fake.closeConnection(code);
        expect(await resumed).toMatchObject({ attempts: 1, tookMs: expect.any(Number) });
        await expectAlive(stage);
        expect(stage.life).toEqual(['dropped', 'resumed']);
        expect(stage.video.metrics().model).toMatchObject({ dropped: 1, resumed: 1 });
      },
    );

    test.each(REFUSALS)(
      `an ${name} connection that gets %o during the reconnect is resumed later`,
      async (refusal) => {
        const stage = await seeingStage();
        stage.fake.refuseConnections(refusal);
        const failed = attemptFailed(stage);
        stage.fake.closeConnection(1006);
        await failed;
        const resumed = stage.next('model.resumed');
        await stage.fake.acceptConnections();
        expect((await resumed).attempts).toBeGreaterThan(1);
        await expectAlive(stage);
        expect(stage.life).toEqual(['dropped', 'resumed']);
      },
    );

    test(`an ${name} connection that was resumed answers the first typed text, even without a picture`, async () => {
      const stage = await newStage();
      await live(stage);
      const resumed = stage.next('model.resumed');
      stage.fake.closeConnection(1011);
      await resumed;
      await ask(stage, 'Who are you?');
      expect(said(stage)).toEqual(['I see it.']);
      expect(stage.fake.connection.conversation.lastQuestion).toBe('Who are you?');
    });

    test(`an ${name} connection that is down during a typed turn gets that turn once it is back, once`, async () => {
      const stage = await seeingStage();
      stage.fake.refuseConnections('tcp');
      const failed = attemptFailed(stage);
      stage.fake.closeConnection(1006);
      await failed;
      const questions: string[] = [];
      stage.fake.reply = ({ text }) => {
        questions.push(text);
        return 'A cat.';
      };
      const answered = ask(stage, 'What is it?');
      await attemptFailed(stage);
      await stage.fake.acceptConnections();
      await answered;
      expect(said(stage)).toEqual(['A cat.']);
      expect(questions).toEqual(['What is it?']);
    });

    test(`an ${name} connection that drops during an answer is reported, and the next turn is answered`, async () => {
      const stage = await seeingStage();
      stage.fake.reply = () => ({ text: 'It is', hold: true });
      const created = new Promise((resolve) => modelOf(stage).once('generation_created', resolve));
      const speech = stage.session.generateReply({ userInput: 'What is it?' });
      await created;
      const dropped = stage.next('model.dropped');
      const resumed = stage.next('model.resumed');
      stage.fake.closeConnection(1011, 'Internal error.');
      expect(await dropped).toEqual({
        type: 'model.dropped',
        reason: 'Internal error.',
        wasAnswering: true,
        isRetried: true,
      });
      await within('end of the speech', speech.waitForPlayout());
      await resumed;
      stage.fake.reply = () => 'I see it.';
      await expectAlive(stage);
    });

    test(`an ${name} connection that drops at a typed turn gets that turn again once it is back, once`, async () => {
      const stage = await seeingStage();
      const questions: string[] = [];
      stage.fake.reply = ({ text }) => {
        questions.push(text);
        return 'A cat.';
      };
      const { id } = stage.fake.connection;
      const typed = stage.fake.nextMessage(
        ({ type, item }) =>
          type === 'conversation.item.create' && JSON.stringify(item).includes('What is it?'),
      );
      // The message is not acknowledged, since the connection drops first.
      stage.fake.connection.send = () => {};
      const answered = ask(stage, 'What is it?');
      await typed;
      stage.fake.closeConnection(1006);
      await answered;
      expect(said(stage)).toEqual(['A cat.']);
      expect(questions).toEqual(['What is it?']);
      const items = stage.fake.conversation.filter((item) => JSON.stringify(item).includes('What'));
      expect(items).toHaveLength(1);
      expect(stage.fake.connection.id).toBe(id + 1);
    });
  });

  describe(`a first connection to ${name} Realtime`, () => {
    test.each(REFUSALS)(
      `a first ${name} connection that gets %o is made when the service is back`,
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

    test(`a first ${name} connection that exceeds the plugin's timeout is repeated`, async () => {
      const stage = await newStage({
        openai: { connOptions: { timeoutMs: 100, maxRetry: 3, retryIntervalMs: 100 } },
      });
      const release = stage.fake.setup.hold();
      const dropped = stage.next('model.dropped');
      const started = stage.start();
      await dropped;
      const resumed = stage.next('model.resumed');
      release();
      await Promise.all([started, resumed]);
      await ask(stage, 'And now?');
      expect(said(stage)).toEqual(['I see it.']);
    });

    test(`several sessions whose first ${name} connections fail at once each get their own`, async () => {
      const stages = await Promise.all([newStage(), newStage(), newStage()]);
      for (const { fake } of stages) fake.refuseConnections({ status: 503 });
      const dropped = stages.map((stage) => stage.next('model.dropped'));
      const started = stages.map((stage) => stage.start());
      await Promise.all(dropped);
      const resumed = stages.map((stage) => stage.next('model.resumed'));
      for (const { fake } of stages) await fake.acceptConnections();
      await Promise.all([...started, ...resumed]);
      for (const { fake } of stages) expect(fake.connections).toHaveLength(1);
    });
  });

  describe(`errors of ${name} Realtime that end the agent session`, () => {
    test.each([401, 403])(
      `a first ${name} connection that gets %i ends the agent session with the error`,
      async (status) => {
        const stage = await newStage();
        stage.fake.refuseConnections({ status });
        await stage.start().catch(() => {});
        await expectEnded(stage, new RegExp(`${status}`));
        expect(stage.life).toEqual(['dropped']);
      },
    );

    test(`an ${name} service that does not come back ends the agent session after realtime.reconnect.attempts`, async () => {
      const stage = await seeingStage({
        video: {
          input: { sampler: never },
          realtime: { reconnect: { attempts: 2, retryBaseMs: 1 } },
        },
      });
      stage.fake.refuseConnections({ status: 503 });
      stage.fake.closeConnection(1011);
      await expectEnded(stage, /503/);
      expect(stage.life).toEqual(['dropped']);
    });

    test(`a first ${name} connection that is refused ends the agent session if reconnect is false`, async () => {
      const stage = await newStage({
        video: { input: { sampler: never }, realtime: { reconnect: false } },
      });
      stage.fake.refuseConnections({ status: 503 });
      await stage.start().catch(() => {});
      await expectEnded(stage, /503/);
    });
  });
}
