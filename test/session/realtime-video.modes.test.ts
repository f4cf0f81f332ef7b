import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fixedRate, voiceActivitySampler } from '../../src/index.ts';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import { USER } from '../../src/testing/identities.ts';
import {
  endStages,
  liveStage,
  PROVIDERS,
  type ProviderName,
  type StageOptions,
  stagesEnded,
} from '../support/realtime-stage.ts';

let camera: SyntheticCamera;
beforeAll(async () => {
  camera = new SyntheticCamera({
    name: 'camera',
    source: 'camera',
    width: 320,
    height: 180,
    fps: 12,
    text: 'CAMERA',
  });
  await camera.start();
});
afterEach(endStages);
afterAll(async () => {
  await stagesEnded();
  await camera.stop();
});

/** A stage whose model has seen the camera. */
async function seeingStage(provider: ProviderName, options: StageOptions = {}) {
  const stage = await liveStage(provider, options);
  const first = stage.fake.nextFrame();
  await stage.watch(camera);
  await first;
  return stage;
}

const sampler = voiceActivitySampler({ speakingFps: 4, silentFps: 4 });

describe.each(PROVIDERS)('%s', (provider) => {
  test(`the mode off sends ${provider} nothing, and the next mode sends a frame after a few intervals at most`, async () => {
    const stage = await seeingStage(provider, { video: { input: { sampler, honest: false } } });
    const { at: begin } = await stage.fake.nextFrame();
    const INTERVALS = 4;
    let end = begin;
    for (let n = 0; n < INTERVALS; n++) end = (await stage.fake.nextFrame()).at;
    const usual = (end - begin) / INTERVALS;
    const backAfter: number[] = [];
    for (let time = 0; time < 2; time++) {
      stage.video.setMode('off');
      // What was handed over before is still on its way.
      await stage.settled();
      await stage.fake.connection.reaction();
      const before = stage.fake.frames.length;
      stage.room.speaking(USER);
      await expect(stage.video.look()).rejects.toThrow('video is off');
      await stage.session.generateReply({ userInput: 'And now?' }).waitForPlayout();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(stage.fake.frames).toHaveLength(before);
      stage.room.speaking();

      const asked = Date.now();
      const back = stage.fake.nextFrame();
      stage.video.setMode('sampled');
      backAfter.push((await back).at - asked);
    }
    expect(Math.min(...backAfter)).toBeLessThan(4 * usual);
    expect(stage.fake.violations).toEqual([]);
  });

  test(`the mode onDemand sends ${provider} one frame at speech, and one for look()`, async () => {
    const stage = await seeingStage(provider, { video: { input: { sampler } } });
    stage.video.setMode('onDemand');
    await stage.settled();
    await stage.fake.connection.reaction();
    const before = stage.fake.frames.length;
    const atSpeech = stage.fake.nextFrame();
    stage.room.speaking(USER);
    await atSpeech;
    await new Promise((resolve) => setTimeout(resolve, 450));
    stage.room.speaking();
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(stage.fake.frames.length - before).toBe(1);
    const looked = stage.fake.nextFrame();
    const { encode, width } = await stage.video.look();
    await looked;
    expect(width).toBe(320);
    expect((await encode()).mimeType).toBe('image/jpeg');
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(stage.fake.frames.length - before).toBe(2);

    const again = stage.fake.nextFrame();
    stage.video.setMode('sampled');
    await again;
  });

  test(`a budget of ${provider} slows the silent rate first, then speech, and shows in the metrics`, async () => {
    const stage = await seeingStage(provider, {
      video: { input: { sampler: fixedRate(10), budget: { framesPerMinute: 8 } } },
    });
    await stage.fake.until(() => stage.fake.frames.length >= 4, 'frames of silence');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // The first frame is sent as soon as the source is there.
    expect(stage.fake.frames.length).toBeLessThanOrEqual(5);
    const silent = stage.video.metrics().budget;
    expect(silent).toMatchObject({ frames: stage.fake.frames.length, bytes: expect.any(Number) });
    expect(silent.slowed).toBeGreaterThan(0);
    stage.room.speaking(USER);
    await stage.fake.until(() => stage.fake.frames.length === 8, 'frames of speech');
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(stage.fake.frames).toHaveLength(8);
    expect(stage.video.metrics().budget).toMatchObject({ frames: 8 });
    expect(stage.video.metrics().budget.slowed).toBeGreaterThan(silent.slowed);
  });
});
