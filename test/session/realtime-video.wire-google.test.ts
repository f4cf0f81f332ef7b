import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { objectAt } from '../../src/testing/fakes/json.ts';
import { within } from '../../src/testing/waits.ts';
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
