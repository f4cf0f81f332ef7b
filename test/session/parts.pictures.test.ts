import { voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { tokenRule } from '../../src/models/picture-tokens.ts';
import { USER } from '../../src/testing/identities.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage } from '../support/loopback.ts';
import {
  endStages as endRealtimeStages,
  liveStage as liveRealtimeStage,
  never,
  stagesEnded,
} from '../support/realtime-stage.ts';

const camera = fileCamera({ width: 96, height: 64 });
const screen = fileCamera({ width: 128, height: 64, source: 'screen' });
afterEach(async () => {
  endRealtimeStages();
  await endStages();
});
afterAll(stagesEnded);

describe('the tokens of a picture', () => {
  const tokensOf = (name: string, detail: 'auto' | 'low', size = { width: 96, height: 64 }) =>
    tokenRule({ name, isRealtime: false })?.(size, detail) ?? 0;

  test('pictures of turns are priced by the model of the active agent, with the detail of turns', async () => {
    const stage = await liveStage(camera, {
      model: new RecordingLLM('gpt-4o'),
      agent: new voice.Agent({ instructions: 'Look.', llm: new RecordingLLM('gpt-5') }),
      video: { turn: { detail: 'low' }, realtime: { detail: 'high' } },
    });
    const tokens = () => stage.video.metrics().tokens;
    await stage.show(2);
    await stage.type('What is it?');
    const first = tokensOf('gpt-5', 'low');
    expect(tokens()).toEqual({ estimated: first, unknownPictures: 0 });
    stage.session.updateAgent(new voice.Agent({ instructions: 'Look on.' }));
    await stage.show(3);
    await stage.type('And now?');
    const second = tokensOf('gpt-4o', 'low');
    expect(new Set([first, second, tokensOf('gpt-4o', 'auto')]).size).toBe(3);
    expect(tokens()).toEqual({ estimated: first + second, unknownPictures: 0 });
    // A budget limits what a realtime model gets.
    expect(stage.video.metrics().budget).toMatchObject({ frames: 0, tokens: 0 });
  });

  test('pictures for a realtime model are counted, and priced with the detail of realtime models', async () => {
    const stage = await liveRealtimeStage('openai', {
      video: { input: { sampler: never }, realtime: { detail: 'low' } },
    });
    await stage.watch(camera);
    await stage.shown(camera, 4);
    const rule = tokenRule({ name: 'gpt-realtime', isRealtime: true });
    const size = { width: 96, height: 64 };
    expect(rule?.(size, 'low')).not.toBe(rule?.(size, 'auto'));
    const { budget, frameAgeMs, via } = stage.video.metrics();
    expect(budget).toMatchObject({ frames: 1, tokens: rule?.(size, 'low') });
    expect(frameAgeMs.count).toBe(1);
    expect(via).toMatch(/^(native-tap|video-stream)$/);
  });
});

test('a region without a source is one of the watched source, and with a frame one of that frame', async () => {
  const resize = { width: 64, height: 64, strategy: 'center_aspect_fit' } as const;
  const stage = await liveStage(camera, {
    video: { input: { sources: ['camera', 'screen'] }, turn: { image: { resize } } },
  });
  stage.video.expectRegions();
  stage.room.publish(USER, screen.track, TrackSource.SOURCE_SCREENSHARE);
  await stage.show(3);
  const showing = setInterval(() => screen.show(7), 5);
  const shared = await stage.video.look('screen').finally(() => clearInterval(showing));
  await stage.type('What do I show?');
  expect(stage.model.last.pictures).toHaveLength(2);
  const region = { x: 0.25, y: 0.375, width: 0.5, height: 0.25 };
  // Bars above and below leave two thirds of the height to the camera, and half to the screen.
  expect(stage.video.seenRegion(region, {}).height).toBeCloseTo(0.375, 1);
  const { height } = stage.video.seenRegion(region, { frameId: shared.id });
  expect(height).toBeCloseTo(0.5, 1);
});
