import { afterAll, afterEach, expect, test } from 'vitest';
import type { AnyActorRef } from 'xstate';
import { fixedRate } from '../../src/index.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import { until } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, levelOf, liveStage, stagesEnded } from '../support/realtime-stage.ts';

const camera = fileCamera();
let showing: NodeJS.Timeout | undefined;
afterEach(() => {
  clearInterval(showing);
  endStages();
});
afterAll(() => stagesEnded());

/** Another reader of the track, which counts what the camera shows. */
function otherReader() {
  const frames = { count: 0 };
  const tap = openNativeTap(camera.track, {
    onFrame: (frame) => {
      frames.count += 1;
      frame.release();
    },
    onEnd: () => {},
  });
  return { frames, close: () => tap?.close() };
}

test('a model that gets two frames a second gets new ones, although most frames are not read', async () => {
  const stage = await liveStage('google', { video: { input: { sampler: fixedRate(2) } } });
  let level = 1;
  showing = setInterval(() => camera.show(level), 30);
  await stage.watch(camera);
  const other = otherReader();
  const received = () => stage.video.metrics().frames.received;
  const unread = () => other.frames.count - received();
  const before = unread();
  await until('40 frames that were not read', () => unread() - before >= 40);
  level = 9;
  const seen = async () => {
    const last = stage.fake.frames.at(-1);
    return last !== undefined && (await levelOf(last)) === 9;
  };
  await until('the new picture', seen);
  await other.close();
});

test('an application that takes the newest frame of a stream at rest ends the rest', async () => {
  const stage = await liveStage('google', { video: { input: { sampler: fixedRate(1) } } });
  showing = setInterval(() => camera.show(1), 30);
  await stage.watch(camera);
  const { actor } = stage.video;
  const rests = () =>
    (Object.values(actor.getSnapshot().children) as AnyActorRef[]).some(
      (child) => child.getSnapshot().value === 'resting',
    );
  await until('a rest', rests);
  const frame = stage.video.latestFrame();
  expect(rests()).toBe(false);
  expect(await frame).toBeDefined();
});
