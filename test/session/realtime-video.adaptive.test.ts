import { afterAll, expect, test } from 'vitest';
import { adaptiveSampler } from '../../src/index.ts';
import type { SampleContext } from '../../src/sampling/sampler.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { until } from '../../src/testing/waits.ts';
import {
  endStages,
  levelOf,
  liveStage,
  PROVIDERS,
  stagesEnded,
} from '../support/realtime-stage.ts';

const camera = new TestCamera({ width: 320, height: 240 });
afterAll(async () => {
  endStages();
  await stagesEnded();
  await camera.close();
});

test('a sampler learns that the model has no frame of a camera that was muted since', async () => {
  const since: (number | null)[] = [];
  const sampler = ({ sinceSentMs }: SampleContext) => {
    since.push(sinceSentMs);
    return false;
  };
  const stage = await liveStage('openai', { video: { input: { sampler } } });
  const publication = await stage.watch(camera);
  await stage.shown(camera, 3);
  await stage.shown(camera, 3);
  expect(since.at(-1)).toEqual(expect.any(Number));
  stage.room.mute(publication);
  const before = since.length;
  stage.room.unmute(publication);
  const showing = setInterval(() => camera.show(3), 20);
  await until('a frame', () => since.length > before);
  clearInterval(showing);
  expect(since[before]).toBeNull();
});

test.each(PROVIDERS)(
  'a %s model with adaptiveSampler, which a look showed another scene, gets the scene again that came back',
  async (provider) => {
    const sampler = adaptiveSampler({ silentFps: 1, keepAliveMs: 3_600_000 });
    const stage = await liveStage(provider, { video: { input: { sampler } } });
    await stage.watch(camera);
    await stage.shown(camera, 3);
    await stage.shown(camera, 8);
    const back = stage.fake.nextFrame();
    const showing = setInterval(() => camera.show(3), 50);
    expect(await levelOf(await back)).toBe(3);
    clearInterval(showing);
  },
);
