import { type llm, voice } from '@livekit/agents';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { waitFor } from 'xstate';
import type { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { lateTool } from '../support/late-tool.ts';
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

/** Short pauses between the attempts. */
const QUICK = { retryBaseMs: 20 };

const camera = fileCamera();
afterEach(endStages);
afterAll(() => stagesEnded());

const newStage = (options: StageOptions = {}): Promise<Stage> =>
  geminiStage({
    ...options,
    video: { input: { sampler: never }, realtime: { reconnect: QUICK }, ...options.video },
  });

/** A stage whose model has seen level 2. */
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

/** The agent works: its model gets the newest frame again and answers the next turn. */
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

describe('a dropped connection of Gemini Live', () => {
  test.each([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014])(
    'a Gemini connection that closes with %i is resumed with its handle, and the agent goes on',
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

  test('a Gemini connection that the service aborts with 1008 is resumed', async () => {
    const stage = await seeingStage();
    const resumed = stage.next('model.resumed');
    stage.fake.closeConnection(1008, 'The operation was aborted.');
    await resumed;
    await expectAlive(stage);
  });

  test('a Gemini connection that is refused during the reconnect is resumed when the service is back', async () => {
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

  test('a Gemini connection that gets 503 during the reconnect is resumed when the service is back', async () => {
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

  test('a Gemini connection that closes again during its setup is resumed', async () => {
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

  test('a Gemini connection whose handle is refused continues with the history', async () => {
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

  test('a Gemini handle that fails without a reason is dropped after its third failure, and the history continues the conversation', async () => {
    const stage = await seeingStage();
    await stage.session.generateReply({ userInput: 'I am Ann.' }).waitForPlayout();
    await stage.fake.connection.reaction();
    const { handle } = stage.fake.connection;
    const resumed = stage.next('model.resumed');
    const release = stage.fake.setup.hold();
    const handles: (string | undefined)[] = [];
    // The first failure is the drop itself.
    let { connection } = stage.fake;
    for (let failures = 1; failures <= 3; failures++) {
      const next = stage.fake.nextConnection();
      connection.close(1011);
      connection = await next;
      await stage.fake.until(() => connection.setup !== undefined, 'a setup');
      handles.push(connection.resumedFrom);
    }
    expect(handles).toEqual([handle, handle, undefined]);
    const history = stage.fake.nextMessage((message) =>
      JSON.stringify(message).includes('I am Ann.'),
    );
    release();
    expect(await resumed).toMatchObject({ attempts: 3 });
    expect((await history).connection).toBe(connection.id);
    await expectAlive(stage);
  });

  test('a Gemini connection that drops before a typed turn is answered asks it again, once', async () => {
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

  test('a Gemini connection that drops during an answer is reported, and the next turn is answered', async () => {
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
    await within('end of the speech', speech.waitForPlayout());
    await resumed;
    stage.fake.reply = () => 'I see it.';
    await expectAlive(stage);
  });

  test('a Gemini connection that drops during a tool is reported, and the late result ends no other connection', async () => {
    const { tool, called, finish } = lateTool();
    const stage = await seeingStage({ tools: [tool] });
    stage.fake.reply = () => ({ toolCalls: [{ name: 'slow', args: {} }] });
    stage.session.generateReply({ userInput: 'Do it.' });
    await called;
    stage.fake.reply = () => 'I see it.';
    const dropped = stage.next('model.dropped');
    const resumed = stage.next('model.resumed');
    stage.fake.closeConnection(1011);
    expect(await dropped).toMatchObject({ wasAnswering: true });
    await resumed;
    const executed = new Promise((resolve) =>
      stage.session.once(voice.AgentSessionEventTypes.FunctionToolsExecuted, resolve),
    );
    finish();
    await within('the result', executed);
    await expectAlive(stage);
    expect(stage.life).toEqual(['dropped', 'resumed']);
  });
});

describe('a connection of Gemini Live whose end is announced', () => {
  test('a Gemini connection whose end is announced during an answer is left after it', async () => {
    const stage = await seeingStage();
    stage.fake.reply = () => ({ text: 'It is a cat.', hold: true });
    const speech = stage.session.generateReply({ userInput: 'What is it?' });
    await new Promise((resolve) => modelOf(stage).once('generation_created', resolve));
    const { connection } = stage.fake;
    stage.fake.goAway();
    await connection.reaction();
    await stage.settled();
    expect(stage.fake.connections).toEqual([connection]);
    const next = stage.fake.nextConnection();
    stage.fake.finishReply();
    await within('end of the speech', speech.waitForPlayout());
    expect(said(stage)).toEqual(['It is a cat.']);
    expect(connection.handle).toBeDefined();
    await stage.fake.until(
      () => stage.fake.connection.isReady && stage.fake.connections.length > 1,
    );
    expect((await next).resumedFrom).toBe(connection.handle);
    stage.fake.reply = () => 'I see it.';
    await expectAlive(stage);
    expect(stage.life).toEqual([]);
  });

  test('a typed turn whose answer has not begun when Gemini announces the end of the connection is answered, once', async () => {
    const stage = await seeingStage();
    const asked: string[] = [];
    let answer = (_text: string) => {};
    const reply = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const { connection } = stage.fake;
    stage.fake.reply = ({ text }) => {
      asked.push(text);
      stage.fake.goAway();
      return reply;
    };
    const speech = stage.session.generateReply({ userInput: 'What is it?' });
    await stage.fake.until(() => asked.length > 0, 'the question');
    await connection.reaction();
    await stage.settled();
    answer('A cat.');
    await within('answer', speech.waitForPlayout(), 60_000);
    expect(said(stage)).toEqual(['A cat.']);
    expect(asked).toHaveLength(1);
  });
});

test('an agent goes on with one conversation over two ten-minute ends of its Gemini connections', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
  try {
    const stage = await seeingStage();
    const questions: string[] = [];
    stage.fake.reply = ({ text, frames }) => {
      questions.push(text);
      return { text: `Answer ${questions.length} with ${frames.length > 0}.`, hold: true };
    };
    for (const id of [1, 2, 3]) {
      const { fake } = stage;
      await fake.until(() => fake.connections[id - 1]?.isReady === true, 'a connection', 60_000);
      await fake.until(() => stage.framesOn(id).length > 0, 'a picture', 60_000);
      const created = new Promise((resolve) => modelOf(stage).once('generation_created', resolve));
      const speech = stage.session.generateReply({ userInput: `Question ${id}?` });
      await created;
      // Its end is announced during an answer, and comes a minute later.
      vi.advanceTimersByTime(9 * 60_000);
      await fake.connection.reaction();
      expect(fake.connections).toHaveLength(id);
      fake.finishReply();
      await within('end of the speech', speech.waitForPlayout(), 60_000);
    }
    expect(questions.map((text) => text.match(/Question \d/g)?.at(-1))).toEqual([
      'Question 1',
      'Question 2',
      'Question 3',
    ]);
    expect(said(stage)).toEqual([1, 2, 3].map((n) => `Answer ${n} with true.`));
    expect(stage.fake.violations).toEqual([]);
    expect(stage.life).toEqual([]);
    expect(stage.events.filter(({ type }) => type === 'error')).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

describe('a first connection to Gemini Live', () => {
  test.each([{ status: 503 }, 'tcp'] as const)(
    'a first Gemini connection that is refused with %o is made when the service is back',
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

  test('a first Gemini connection that closes during its setup is repeated', async () => {
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

  test('several sessions whose first Gemini connections fail at once each get their own', async () => {
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

describe('errors of Gemini Live that end the agent session', () => {
  test.each([
    [1007, 'Request contains an invalid argument.'],
    [1008, 'API key not valid. Please pass a valid API key.'],
  ])(
    'a Gemini connection that closes with %i ends the agent session with the error: %s',
    async (code, reason) => {
      const stage = await seeingStage();
      stage.fake.closeConnection(code, reason);
      await expectEnded(stage, new RegExp(reason.slice(0, 10)));
      expect(stage.life).toEqual(['dropped']);
      expect(stage.events).toContainEqual(
        expect.objectContaining({ type: 'model.dropped', isRetried: false }),
      );
      expect(stage.fake.connections).toHaveLength(1);
    },
  );

  test('a Gemini connection that takes its time to close with an error ends the agent session with it', async () => {
    const stage = await seeingStage();
    // The close is answered, and the service does not read the answer yet.
    const { connection } = stage.fake;
    stage.fake.closeConnection(1008, 'API key not valid.');
    connection.pauseReading();
    await stage.settled();
    connection.resumeReading();
    await expectEnded(stage, /API key/);
    expect(stage.life).toEqual(['dropped']);
    expect(stage.fake.connections).toHaveLength(1);
  });

  test('a Gemini service that does not come back ends the agent session after realtime.reconnect.attempts', async () => {
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

  test.each([401, 403])(
    'a first Gemini connection that gets %i ends the agent session with the error',
    async (status) => {
      const stage = await newStage();
      stage.fake.refuseConnections({ status });
      await stage.start().catch(() => {});
      await expectEnded(stage, /./);
      expect(stage.life).toEqual(['dropped']);
    },
  );

  test.each([1005, 1006, 1011])(
    'a Gemini connection that closes with %i ends the agent session if reconnect is false',
    async (code) => {
      const stage = await seeingStage({
        video: { input: { sampler: never }, realtime: { reconnect: false } },
      });
      stage.fake.closeConnection(code);
      await expectEnded(stage, /closed/);
    },
  );
});
