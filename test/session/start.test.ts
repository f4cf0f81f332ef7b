import { initializeLogger, llm, voice } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LoopbackRoom } from '../../demo/loopback-room.ts';
import {
  SessionStateError,
  SightlineError,
  UnsupportedModelError,
  type VideoSession,
} from '../../src/index.ts';
import {
  endStages,
  frameIdOf,
  HandCamera,
  liveStage,
  type StageOptions,
  setStage,
  USER,
} from '../support/loopback.ts';
import { RecordingLLM } from '../support/recording-llm.ts';
import { deferred } from '../support/simulated-clock.ts';

initializeLogger({ pretty: false, level: 'silent' });

let camera: HandCamera;
beforeAll(() => {
  camera = new HandCamera();
});
afterEach(endStages);
afterAll(async () => {
  await camera.close();
  await dispose();
});

const agent = () => new voice.Agent({ instructions: 'Say what you see.' });

/** Rejections as values. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('it was fulfilled'),
    (error: unknown) => error,
  );

/** Nothing of ours is left. */
function expectClosed(video: VideoSession, room: LoopbackRoom): void {
  const { status, children, value } = video.actor.getSnapshot();
  expect({ status, value, children: Object.keys(children) }).toEqual({
    status: 'done',
    value: 'closed',
    children: [],
  });
  expect(room.eventNames()).toEqual([]);
}

/** A room whose connection is somebody else's business. */
class LateRoom extends LoopbackRoom {
  #here = false;

  override get isConnected(): boolean {
    return this.#here;
  }

  connect(): void {
    this.#here = true;
    this.emit('connected' as 'reconnected');
  }
}

describe('start and close', () => {
  test('start comes once', async () => {
    const stage = await liveStage(camera);
    const error = await errorOf(stage.start());
    expect(error).toBeInstanceOf(SessionStateError);
    expect(error).toMatchObject({
      code: 'session-state',
      message: 'start() was called before: a VideoSession starts once',
    });
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('start comes once, also while the first is under way', async () => {
    const stage = setStage(camera);
    const first = stage.start();
    expect(await errorOf(stage.start())).toBeInstanceOf(SessionStateError);
    await first;
  });

  test('close may come before start, and start may not come after close', async () => {
    const { video, room, agent: first } = setStage(camera);
    await video.close();
    expectClosed(video, room);
    const error = await errorOf(video.start({ agent: first }));
    expect(error).toBeInstanceOf(SessionStateError);
    expect(error).toMatchObject({ message: 'this VideoSession is closed: make a new one' });
  });

  test('close may come twice, one after the other and at once', async () => {
    const stage = await liveStage(camera);
    await Promise.all([stage.video.close(), stage.video.close()]);
    await stage.video.close();
    expectClosed(stage.video, stage.room);
    expect(() => stage.session.currentAgent.session).toThrow('Agent activity not found');
  });

  test('close may come during start, which then fails', async () => {
    const stage = setStage(camera);
    const started = errorOf(stage.start());
    await stage.video.close();
    expect(await started).toBeInstanceOf(SessionStateError);
    expect(await started).toMatchObject({ message: 'close() was called during start()' });
    expectClosed(stage.video, stage.room);
  });

  test('close may come while the agent session starts, which is then closed as well', async () => {
    const entered = deferred<void>();
    const gate = deferred<void>();
    class Gated extends voice.AgentSession {
      override async start(...options: Parameters<voice.AgentSession['start']>): Promise<void> {
        entered.resolve();
        await gate.promise;
        await super.start(...options);
      }
    }
    const stage = setStage(camera, { make: (options) => new Gated(options) });
    const started = errorOf(stage.start());
    await entered.promise;
    await stage.video.close();
    expect(await started).toBeInstanceOf(SessionStateError);
    expectClosed(stage.video, stage.room);
    const closed = new Promise((resolve) => {
      stage.session.once(voice.AgentSessionEventTypes.Close, resolve);
    });
    gate.resolve();
    await closed;
    expect(stage.session._started).toBe(false);
  });

  test('a closed session takes the other calls as well, and says nothing', async () => {
    const stage = await liveStage(camera);
    await stage.show(4);
    await stage.video.close();
    stage.video.setMode('off');
    stage.video.pinSource('camera');
    expect(stage.video.latestFrame()).toBeUndefined();
    expect(stage.video.metrics().frames.held).toBe(0);
  });
});

describe('a model that cannot see', () => {
  /** The least that a realtime model is. */
  class DeafRealtime extends llm.RealtimeModel {
    constructor() {
      super({
        messageTruncation: false,
        turnDetection: true,
        userTranscription: false,
        autoToolReplyGeneration: false,
        audioOutput: true,
        manualFunctionCalls: false,
      });
    }
    override get model(): string {
      return 'deaf-1';
    }
    override label(): string {
      return 'test.DeafRealtime';
    }
    override session(): never {
      throw new Error('never started');
    }
    override async close(): Promise<void> {}
  }

  const CASES: [what: string, StageOptions, model: string, message: string][] = [
    [
      'no model',
      { make: () => new voice.AgentSession() },
      'an agent without an llm',
      'an agent without an llm cannot see: pass `llm` to the AgentSession or to the agent',
    ],
    [
      'a realtime model',
      { session: { llm: new DeafRealtime() } },
      'the realtime model test.DeafRealtime',
      'the realtime model test.DeafRealtime cannot see: Sightline feeds STT-LLM-TTS pipelines ' +
        'so far: use an llm.LLM that takes images',
    ],
    [
      'a model that takes text only',
      { model: new RecordingLLM('gpt-3.5-turbo') },
      'test.RecordingLLM (gpt-3.5-turbo)',
      'test.RecordingLLM (gpt-3.5-turbo) cannot see: it takes text only: choose a model with ' +
        'image input',
    ],
    [
      "an agent's own model that takes text only",
      { agent: new voice.Agent({ instructions: '', llm: new RecordingLLM('o1-mini') }) },
      'test.RecordingLLM (o1-mini)',
      'test.RecordingLLM (o1-mini) cannot see: it takes text only: choose a model with image input',
    ],
  ];

  test.each(CASES)(
    '%s is refused by name, and nothing runs',
    async (_, options, model, message) => {
      const { video, room, session, agent: refused } = setStage(camera, options);
      const error = await errorOf(video.start({ agent: refused }));
      expect(error).toBeInstanceOf(UnsupportedModelError);
      expect(error).toMatchObject({ code: 'unsupported-model', model, message });
      expect(room.eventNames()).toEqual([]);
      expect(Object.keys(video.actor.getSnapshot().children)).toEqual([]);
      expect(session._started).toBe(false);
      expect(Object.hasOwn(refused, 'llmNode')).toBe(false);
    },
  );

  test('may be replaced by one that can, and start called again', async () => {
    const stage = setStage(camera, { make: () => new voice.AgentSession() });
    await errorOf(stage.start());
    const seeing = new voice.Agent({ instructions: 'Look.', llm: stage.model });
    await stage.video.start({ agent: seeing });
    await stage.cameraOn();
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });
});

describe('an agent session that does not start', () => {
  test('rejects with its very error, and all is closed', async () => {
    const boom = new TypeError('no tools today');
    class Broken extends voice.AgentSession {
      override async start(): Promise<void> {
        throw boom;
      }
    }
    const {
      room,
      video,
      agent: first,
    } = setStage(camera, {
      make: (options) => new Broken(options),
    });
    room.join(USER);
    expect(await errorOf(video.start({ agent: first }))).toBe(boom);
    expectClosed(video, room);
    expect(Object.hasOwn(first, 'llmNode')).toBe(false);
  });

  test('says why: an agent that is at work already, and goes on working', async () => {
    const stage = await liveStage(camera);
    const other = setStage(camera);
    const error = await errorOf(other.video.start({ agent: stage.agent }));
    expect(error).toMatchObject({
      message: 'Cannot start agent: an activity is already running',
    });
    expectClosed(other.video, other.room);
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('is given up after the limit', async () => {
    class Slow extends voice.AgentSession {
      override start(): Promise<void> {
        return new Promise(() => {});
      }
    }
    const { room, video } = setStage(camera, {
      make: (options) => new Slow(options),
      video: { limits: { startTimeoutMs: 30 } },
    });
    const error = await errorOf(video.start({ agent: agent() }));
    expect(error).toBeInstanceOf(SightlineError);
    expect(error).toMatchObject({
      code: 'start-timeout',
      message: expect.stringContaining('the agent session did not start within 30 ms'),
    });
    expectClosed(video, room);
  });
});

describe('a room', () => {
  test('that never connects is given up after the limit, with nothing left', async () => {
    const { room, video, session } = setStage(camera, {
      room: new LateRoom(),
      video: { limits: { connectTimeoutMs: 30 } },
    });
    const error = await errorOf(video.start({ agent: agent() }));
    expect(error).toBeInstanceOf(SightlineError);
    expect(error).toMatchObject({
      code: 'start-timeout',
      message: expect.stringContaining('the room did not connect within 30 ms'),
    });
    expectClosed(video, room);
    expect(session._started).toBe(false);
  });

  test('that never connects may be left by close', async () => {
    const { room, video } = setStage(camera, { room: new LateRoom() });
    const started = errorOf(video.start({ agent: agent() }));
    await video.close();
    expect(await started).toBeInstanceOf(SessionStateError);
    expectClosed(video, room);
  });

  test('that connects later is waited for', async () => {
    const room = new LateRoom();
    const stage = setStage(camera, { room });
    const started = stage.start();
    expect(stage.session._started).toBe(false);
    room.connect();
    await started;
    await stage.cameraOn();
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('where nobody comes has turns without pictures', async () => {
    const stage = setStage(camera);
    await stage.start();
    await stage.type('Is anybody there?');
    await stage.hear('Hello?');
    expect(stage.model.requests.map(({ pictures }) => pictures)).toEqual([[], []]);
    expect(stage.video.metrics().turns).toMatchObject({ 'nothing-to-attach': 2 });
    await stage.video.close();
    expectClosed(stage.video, stage.room);
  });

  test('where a user without video is has turns without pictures, and sees a late camera', async () => {
    const stage = setStage(camera);
    await stage.start();
    stage.room.join(USER);
    await stage.type('Can you see me?');
    expect(stage.model.last.pictures).toEqual([]);
    await stage.cameraOn();
    const { id } = await stage.show(4);
    await stage.type('And now?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('where a camera was just turned on: its first frame is in time for the turn', async () => {
    const stage = await liveStage(camera, { video: { turn: { attachBudgetMs: 5000 } } });
    const asked = stage.type('What is it?');
    const shown = stage.show(4);
    await asked;
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([(await shown).id]);
  });

  test('where a camera was just turned on, and shows nothing within the budget', async () => {
    const stage = await liveStage(camera, { video: { turn: { attachBudgetMs: 20 } } });
    await stage.type('What is it?');
    expect(stage.model.last.pictures).toEqual([]);
    expect(stage.video.metrics().turns).toMatchObject({ 'nothing-to-attach': 1, 'over-budget': 0 });
  });
});
