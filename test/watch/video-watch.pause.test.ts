import { afterAll, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import { voiceActivitySampler } from '../../src/sampling/samplers.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { until } from '../../src/testing/waits.ts';
import { VideoWatch } from '../../src/watch/video-watch.ts';
import { endStages, liveStage, stagesEnded } from '../support/realtime-stage.ts';
import { sourceAt } from '../support/sources.ts';

const camera = new TestCamera();
const showing = setInterval(() => camera.show(5), 50);
afterAll(async () => {
  clearInterval(showing);
  endStages();
  await stagesEnded();
  await camera.close();
});

test('a watch with onSceneChange keeps the video on between distant samples while it runs', async () => {
  const sampler = voiceActivitySampler({ silentFps: 0.4 });
  const stage = await liveStage('google', { video: { input: { sampler, pauseWhenIdle: true } } });
  const { video, fake } = stage;
  const seen = (streamStatus: string) =>
    waitFor(video.actor, ({ context }) => sourceAt(context)?.streamStatus === streamStatus);
  await stage.watch(camera);
  await seen('paused');
  const { agentSession: session } = video;
  expect(session).toBe(stage.session);
  const watch = new VideoWatch(video, { onSceneChange: true, decide: () => false, act: 'event' });
  watch.start();
  await seen('live');
  const statuses: string[] = [];
  const stop = video.on('streamStatus.changed', ({ streamStatus }) => statuses.push(streamStatus));
  const { length } = fake.frames;
  await until('two samples', () => fake.frames.length >= length + 2);
  stop();
  expect(statuses).toEqual([]);
  watch.stop();
  await seen('paused');
}, 40_000);
