import { afterAll, afterEach, expect, test } from 'vitest';
import { everyFrame } from '../../src/index.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, stagesEnded } from '../support/realtime-stage.ts';
import { RevocableContents } from '../support/revocable-contents.ts';

const camera = fileCamera();
afterEach(endStages);
afterAll(stagesEnded);

test('what is known of a frame that a realtime model was sent is collected after the next one', async () => {
  const contents = new RevocableContents();
  const stage = await liveStage('google', { video: { input: { sampler: everyFrame() } } });
  await stage.watch(camera);
  await stage.shown(camera, 2);
  await stage.settled();
  const first = contents.count;
  expect(first).toBeGreaterThan(0);
  await stage.shown(camera, 8);
  await stage.settled();
  await contents.untilCollected(first);
  contents.end();
});
