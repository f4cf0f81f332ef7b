import { llm, log, voice } from '@livekit/agents';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { UnsupportedModelError } from '../../src/index.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  geminiStage,
  live,
  liveStage,
  never,
  openAIStage,
  PROVIDERS,
  type RealtimeStage,
  setStage,
  stagesEnded,
} from '../support/realtime-stage.ts';
import { timersLeftBy } from '../support/timers.ts';

const camera = fileCamera();
afterEach(() => {
  endStages();
  vi.restoreAllMocks();
});
afterAll(() => stagesEnded());

describe("Gemini's context window compression", () => {
  const compressionLines = (warn: { mock: { calls: unknown[][] } }) =>
    warn.mock.calls.filter(([line]) => String(line).includes('contextWindowCompression'));

  test("Gemini's context window compression is on by default, since a session with video ends after two minutes without it", async () => {
    const warn = vi.spyOn(log(), 'warn');
    const stage = await geminiStage();
    await live(stage);
    expect(stage.fake.connection.contextWindowCompression).toEqual({ slidingWindow: {} });
    expect(compressionLines(warn)).toEqual([]);
    expect(stage.fake.violations).toEqual([]);
  });

  test("Gemini's context window compression keeps the user's own setting", async () => {
    const warn = vi.spyOn(log(), 'warn');
    const compression = { triggerTokens: '9000', slidingWindow: { targetTokens: '4000' } };
    const stage = await geminiStage({ google: { contextWindowCompression: compression } });
    await live(stage);
    expect(stage.fake.connection.contextWindowCompression).toEqual(compression);
    expect(compressionLines(warn)).toEqual([]);
  });

  test("Gemini's context window compression stays off if the user turned it off, with one log line", async () => {
    const warn = vi.spyOn(log(), 'warn');
    for (let time = 0; time < 2; time++) {
      const stage = await geminiStage({ google: { contextWindowCompression: {} } });
      await live(stage);
      expect(stage.fake.connection.contextWindowCompression ?? {}).toEqual({});
    }
    expect(compressionLines(warn)).toHaveLength(1);
  });
});

/** A realtime model that Sightline has no adapter for. */
class StrangeModel extends llm.RealtimeModel {
  readonly sessions: StrangeSession[] = [];

  constructor() {
    super({
      messageTruncation: false,
      turnDetection: false,
      userTranscription: false,
      autoToolReplyGeneration: false,
      audioOutput: false,
      manualFunctionCalls: false,
    });
  }

  get model(): string {
    return 'strange-1';
  }

  override label(): string {
    return 'strange.RealtimeModel';
  }

  session(): llm.RealtimeSession {
    const session = new StrangeSession(this);
    this.sessions.push(session);
    return session as unknown as llm.RealtimeSession;
  }

  async close(): Promise<void> {}
}

class StrangeSession {
  readonly realtimeModel: llm.RealtimeModel;
  isClosed = false;

  constructor(model: llm.RealtimeModel) {
    this.realtimeModel = model;
  }

  on(): this {
    return this;
  }

  off(): this {
    return this;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

test('a realtime model that takes no video is named in the error of start, and nothing is left', async () => {
  const model = new StrangeModel();
  const { session: own } = model;
  const stage = await geminiStage({ model });
  const starting = stage.start();
  await expect(starting).rejects.toThrow(UnsupportedModelError);
  await expect(starting).rejects.toThrow(/strange\.RealtimeModel cannot see: .*STT-LLM-TTS/);
  expect(stage.video.actor.getSnapshot()).toMatchObject({ status: 'done', children: {} });
  expect(model.session).toBe(own);
  expect(Object.hasOwn(model, 'session')).toBe(false);
  expect(model.sessions.length).toBeGreaterThan(0);
  for (const session of model.sessions) expect(session.isClosed).toBe(true);
  expect(stage.room.eventNames()).toEqual([]);
});

/** Listeners of the agent session's events that Sightline uses. */
function listeners({ session }: RealtimeStage): number[] {
  const types = voice.AgentSessionEventTypes;
  return [types.Close, types.ConversationItemAdded, types.Error, types.UserStateChanged].map(
    (event) => session.listenerCount(event),
  );
}

describe.each(PROVIDERS)('close() with %s', (provider) => {
  test(`close() restores session() of the ${provider} model, and leaves no listener, timer or frame`, async () => {
    const stage = await setStage(provider);
    const before = listeners(stage);
    await live(stage);
    expect(listeners(stage)).not.toEqual(before);
    const left = await timersLeftBy(async () => {
      const first = stage.fake.nextFrame();
      await stage.watch(camera);
      camera.show(3);
      await first;
      expect(Object.hasOwn(stage.model, 'session')).toBe(true);
      await stage.video.close();
    });
    expect(left.filter((stack) => /src\/|xstate/.test(stack))).toEqual([]);
    expect(Object.hasOwn(stage.model, 'session')).toBe(false);
    expect(stage.room.eventNames()).toEqual([]);
    expect(listeners(stage)).toEqual(before);
    expect(stage.video.actor.getSnapshot()).toMatchObject({ status: 'done', children: {} });
    const { frames } = stage.video.metrics();
    const skipped = Object.values(frames.skipped).reduce((sum, count) => sum + count, 0);
    expect(frames.received).toBe(frames.replaced + frames.sampled);
    expect(frames.sampled).toBe(frames.sent + skipped);
    expect(frames).toMatchObject({ held: 0, pending: 0 });
    await stage.video.close();
    stage.video.setMode('off');
    await expect(stage.video.look()).rejects.toThrow('started');
  });

  test(`close() during an encoding sends ${provider} nothing more`, async () => {
    const resize = { width: 2400, height: 2400, strategy: 'scale_aspect_fit' } as const;
    const image = { format: 'png', resize, enlarge: true } as const;
    const stage = await liveStage(provider, { video: { input: { sampler: never, image } } });
    const first = stage.fake.nextFrame();
    await stage.watch(camera);
    camera.show(3);
    await first;
    const looked = stage.video.look();
    camera.show(4);
    await looked;
    await stage.video.close();
    expect(stage.fake.frames).toHaveLength(1);
    const { frames } = stage.video.metrics();
    expect(frames).toMatchObject({ held: 0, pending: 0 });
    // The look is one use of that frame, the sample for the model another.
    expect(frames.sent).toBe(2);
  });
});

test('close() keeps a session() of the model that other code replaced', async () => {
  const stage = await openAIStage();
  const own = stage.model.session.bind(stage.model);
  let made = 0;
  const theirs = () => {
    made += 1;
    return own();
  };
  stage.model.session = theirs;
  await live(stage);
  expect(made).toBe(1);
  expect(stage.model.session).not.toBe(theirs);
  await stage.video.close();
  expect(stage.model.session).toBe(theirs);
});
