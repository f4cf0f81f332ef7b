import { afterAll, expect, test } from 'vitest';
import { onChange } from '../../src/sampling/samplers.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { until } from '../../src/testing/waits.ts';
import { endStages, levelOf, liveStage, stagesEnded } from '../support/realtime-stage.ts';

const camera = new TestCamera();
let level = 2;
const showing = setInterval(() => camera.show(level), 50);
afterAll(async () => {
  clearInterval(showing);
  endStages();
  await stagesEnded();
  await camera.close();
});

test('a realtime model with the sampler onChange gets the frames that change', async () => {
  const sampler = onChange({ minFps: 0, maxFps: 2 });
  const stage = await liveStage('google', { video: { input: { sampler } } });
  const first = stage.fake.nextFrame();
  await stage.watch(camera);
  await first;
  const received = () => stage.video.metrics().frames.received;
  const quiet = async () => {
    const until40 = received() + 40;
    await until('two seconds of frames', () => received() >= until40);
  };
  // After a second, a plain picture counts as a covered camera, which is a change as well. None of
  // its frames may come after the quiet phase.
  const untilQuiet = async () => {
    let before: number;
    do {
      before = stage.fake.frames.length;
      await quiet();
    } while (stage.fake.frames.length > before);
  };
  await untilQuiet();
  level = 8;
  const changed = await stage.fake.nextFrame();
  expect(await levelOf(changed)).toBe(8);
  await untilQuiet();
  expect(stage.video.metrics().errors).toEqual({});
});
