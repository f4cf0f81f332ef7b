import { afterAll, describe, expect, test } from 'vitest';
import { voiceActivitySampler } from '../../src/sampling/samplers.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { until } from '../../src/testing/waits.ts';
import {
  endStages,
  liveStage,
  type RealtimeStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

const camera = new TestCamera();
const showing = setInterval(() => camera.show(5), 50);
afterAll(async () => {
  clearInterval(showing);
  endStages();
  await stagesEnded();
  await camera.close();
});

/** A stage with so few samples that the video is paused in between. */
async function pausingStage(): Promise<RealtimeStage> {
  const sampler = voiceActivitySampler({ silentFps: 0.5 });
  const stage = await liveStage('google', { video: { input: { sampler, pauseWhenIdle: true } } });
  const paused = stage.next(
    'streamStatus.changed',
    ({ streamStatus }) => streamStatus === 'paused',
  );
  await stage.watch(camera);
  await paused;
  return stage;
}

/** The states of the stream while the model gets two more samples. */
async function statusesInTwoSamples({ video, fake }: RealtimeStage): Promise<string[]> {
  const statuses: string[] = [];
  const stop = video.on('streamStatus.changed', ({ streamStatus }) => statuses.push(streamStatus));
  const { length } = fake.frames;
  await until('two samples', () => fake.frames.length >= length + 2);
  stop();
  return statuses;
}

test('a video is paused again after its last listener stops', async () => {
  const stage = await pausingStage();
  const live = stage.next('streamStatus.changed', ({ streamStatus }) => streamStatus === 'live');
  const stop = stage.video.lumaFeed.onFrame(() => {});
  await live;
  const paused = stage.next(
    'streamStatus.changed',
    ({ streamStatus }) => streamStatus === 'paused',
  );
  stop();
  await paused;
});

describe('two listeners to the frames of a video', () => {
  const listenTwice = async () => {
    const stage = await pausingStage();
    const live = stage.next('streamStatus.changed', ({ streamStatus }) => streamStatus === 'live');
    const stopFirst = stage.video.lumaFeed.onFrame(() => {});
    stage.video.lumaFeed.onFrame(() => {});
    await live;
    return { stage, stopFirst };
  };

  test('a video is not paused for the second listener after the first one stops', async () => {
    const { stage, stopFirst } = await listenTwice();
    stopFirst();
    expect(await statusesInTwoSamples(stage)).toEqual([]);
  });

  test('a video is not paused for the second listener after the first one stops twice', async () => {
    const { stage, stopFirst } = await listenTwice();
    stopFirst();
    stopFirst();
    expect(await statusesInTwoSamples(stage)).toEqual([]);
  });
});
