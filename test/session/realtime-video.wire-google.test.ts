import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { objectAt } from '../../src/testing/fakes/json.ts';
import { until, within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  geminiStage,
  levelOf,
  live,
  never,
  type RealtimeStage,
  type StageOptions,
  stagesEnded,
} from '../support/realtime-stage.ts';

type Stage = RealtimeStage<FakeGeminiLive>;

afterEach(endStages);
afterAll(() => stagesEnded());

async function connected(options: StageOptions): Promise<Stage> {
  const stage = await geminiStage({ video: { input: { sampler: never } }, ...options });
  await live(stage);
  return stage;
}

const coverageOf = ({ fake }: Stage): unknown =>
  objectAt(fake.connection.setup, 'realtimeInputConfig').turnCoverage;

describe('a typed turn', () => {
  test.each([
    'gemini-2.5-flash-native-audio-preview-12-2025',
    'gemini-3.1-flash-live-preview',
    'gemini-3.8-flash-live',
  ])('a typed turn is answered by %s', async (model) => {
    const stage = await connected({ google: { model } });
    await within(
      'answer',
      stage.session.generateReply({ userInput: 'Who is there?' }).waitForPlayout(),
      10_000,
    );
    const last = stage.session.history.items.at(-1);
    expect(last?.type === 'message' && last.textContent).toBe('I see it.');
    expect(stage.fake.connections).toHaveLength(1);
    expect(stage.fake.violations).toEqual([]);
  });
});

describe('the picture of a typed turn', () => {
  const camera = fileCamera();

  /** Shows level 7, which the agent has and its model does not. */
  async function unsent({ video }: Stage): Promise<void> {
    const { received } = video.metrics().frames;
    camera.show(7);
    await until('the frame', () => video.metrics().frames.received > received);
  }

  async function typed(model: string): Promise<Stage> {
    const stage = await connected({ google: { model } });
    await stage.watch(camera);
    await stage.shown(camera, 3);
    await unsent(stage);
    await stage.session.generateReply({ userInput: 'What is it?' }).waitForPlayout();
    return stage;
  }

  test('the picture of a typed turn is in its message with Gemini 2.5, once', async () => {
    const stage = await typed('gemini-2.5-flash-native-audio-preview-12-2025');
    const own = stage.fake.frames.filter(({ via }) => via === 'clientContent');
    expect(await Promise.all(own.map(levelOf))).toEqual([7]);
    const turn = stage.fake.messages.find(({ message }) =>
      JSON.stringify(message).includes('What is it?'),
    );
    expect(turn?.message).toMatchObject({
      clientContent: {
        turns: [
          {
            role: 'user',
            parts: [{ text: 'What is it?' }, { inlineData: { mimeType: 'image/jpeg' } }],
          },
        ],
      },
    });
    expect(stage.fake.frames.map(({ via }) => via)).toEqual(['realtimeInput', 'clientContent']);
    expect(stage.fake.violations).toEqual([]);
  });

  test('the picture of a typed turn is not sent again with the history of the next connection', async () => {
    const stage = await typed('gemini-2.5-flash-native-audio-preview-12-2025');
    stage.fake.forgetSessions();
    const resumed = stage.next('model.resumed');
    stage.fake.closeConnection(1011);
    await resumed;
    await stage.fake.until(() => stage.framesOn(stage.fake.connection.id).length > 0, 'a picture');
    const frames = stage.framesOn(stage.fake.connection.id);
    expect(frames.map(({ via }) => via)).toEqual(['realtimeInput']);
  });

  test('the picture of a typed turn goes just before it if the turn interrupts an answer of Gemini 2.5', async () => {
    const stage = await connected({});
    const { fake, session } = stage;
    await stage.watch(camera);
    await stage.shown(camera, 3);
    const model = session.currentAgent.getActivityOrThrow().realtimeLLMSession;
    const begun = new Promise<void>((resolve) => {
      model?.once('generation_created', () => resolve());
    });
    fake.connection.say({ text: 'A long story.', hold: true });
    await within('an answer', begun);
    await unsent(stage);
    session.interrupt();
    await session.generateReply({ userInput: 'What is it?' }).waitForPlayout();
    const at = (part: string) =>
      fake.messages.findIndex(({ message }) => JSON.stringify(message).includes(part));
    expect(await Promise.all(fake.frames.map(levelOf))).toEqual([3, 7]);
    expect(fake.frames.map(({ via }) => via)).toEqual(['realtimeInput', 'realtimeInput']);
    // The text goes ahead of its message.
    const frame = fake.messages.findLastIndex(({ message }) =>
      JSON.stringify(message).includes('"video"'),
    );
    expect(at('{"realtimeInput":{"text":"What is it?"')).toBeGreaterThan(frame);
    expect(fake.violations).toEqual([]);
  });

  test('the picture of a typed turn goes just before it with Gemini 3', async () => {
    const stage = await typed('gemini-3.1-flash-live-preview');
    expect(await stage.levelsOn(1)).toEqual([3, 7]);
    expect(stage.fake.frames.map(({ via }) => via)).toEqual(['realtimeInput', 'realtimeInput']);
  });

  test('the picture of a typed turn is not sent if the video goes off before the turn', async () => {
    const stage = await connected({});
    await stage.watch(camera);
    await stage.shown(camera, 3);
    const model = stage.session.currentAgent.getActivityOrThrow().realtimeLLMSession as object;
    // The plugin's lock delays the turn, after its picture was taken.
    const { sessionLock } = model as {
      sessionLock: { lock(): Promise<() => void> };
    };
    const unlock = await sessionLock.lock();
    await unsent(stage);
    const sent = stage.next('sample.sent');
    const answered = stage.session.generateReply({ userInput: 'What is it?' }).waitForPlayout();
    await sent;
    stage.video.setMode('off');
    unlock();
    await answered;
    expect(stage.fake.frames.filter(({ via }) => via === 'clientContent')).toEqual([]);
    expect(JSON.stringify(stage.fake.messages)).toContain('What is it?');
  });
});

describe('the video that a turn includes', () => {
  test('a turn includes all video with Gemini 2.5, whose default leaves silence out', async () => {
    const stage = await connected({});
    expect(coverageOf(stage)).toBe('TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO');
  });

  test('a turn requests its video in the older form if the service refuses the newer one', async () => {
    const stage = await connected({ gemini: { knowsAllVideo: false } });
    expect(coverageOf(stage)).toBe('TURN_INCLUDES_ALL_INPUT');
    expect(stage.fake.connections).toHaveLength(2);
  });

  test("a turn in the older form keeps the user's other settings of the input", async () => {
    const automaticActivityDetection = { silenceDurationMs: 700 };
    const stage = await connected({
      gemini: { knowsAllVideo: false },
      google: { realtimeInputConfig: { automaticActivityDetection } },
    });
    expect(objectAt(stage.fake.connection.setup, 'realtimeInputConfig')).toEqual({
      automaticActivityDetection,
      turnCoverage: 'TURN_INCLUDES_ALL_INPUT',
    });
  });

  test('a turn keeps the default of Gemini 3 for its video', async () => {
    const stage = await connected({ google: { model: 'gemini-3.1-flash-live-preview' } });
    expect(coverageOf(stage)).toBeUndefined();
  });

  test("a turn keeps the user's own setting for its video", async () => {
    const turnCoverage = 'TURN_INCLUDES_ONLY_ACTIVITY' as never;
    const stage = await connected({ google: { realtimeInputConfig: { turnCoverage } } });
    expect(coverageOf(stage)).toBe('TURN_INCLUDES_ONLY_ACTIVITY');
  });
});

describe('the media resolution', () => {
  const resolutionOf = ({ fake }: Stage): unknown =>
    objectAt(fake.connection.setup, 'generationConfig').mediaResolution;

  test('the media resolution is medium with Gemini 2.5, whose default blurs small print', async () => {
    const stage = await connected({});
    expect(resolutionOf(stage)).toBe('MEDIA_RESOLUTION_MEDIUM');
  });

  test('the media resolution of Gemini 3 is its own default', async () => {
    const stage = await connected({ google: { model: 'gemini-3.1-flash-live-preview' } });
    expect(resolutionOf(stage)).toBeUndefined();
  });

  test("the media resolution is the user's own if it is set", async () => {
    const stage = await connected({
      google: { mediaResolution: 'MEDIA_RESOLUTION_LOW' as never },
    });
    expect(resolutionOf(stage)).toBe('MEDIA_RESOLUTION_LOW');
  });
});
