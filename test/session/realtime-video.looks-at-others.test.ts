import { TrackSource } from '@livekit/rtc-node';
import { afterAll, expect, test } from 'vitest';
import { createLookTool } from '../../src/index.ts';
import { fileCamera } from '../support/camera.ts';
import {
  geminiStage,
  levelOf,
  live,
  liveStage,
  PROVIDERS,
  stagesEnded,
} from '../support/realtime-stage.ts';

const camera = fileCamera();
const guestCamera = fileCamera({ width: 1280, height: 720 });
const screen = fileCamera();
afterAll(() => stagesEnded());

test.each(PROVIDERS)(
  'a realtime model gets no picture of a participant whom only the application looks at: %s',
  async (provider) => {
    const stage = await liveStage(provider, { video: { input: { mode: 'onDemand' } } });
    await stage.watch(camera);
    stage.room.join('guest');
    stage.room.publish('guest', guestCamera.track, TrackSource.SOURCE_CAMERA);
    const showing = setInterval(() => guestCamera.show(9), 20);
    const look = {
      participant: 'guest',
      region: { x: 0, y: 0, width: 1, height: 0.5 },
      maxSize: 600,
    };
    const looks = async () => {
      for (let count = 0; count < 5; count++) await stage.video.look(look);
    };
    // The source stays open between looks that overlap, so a sample of it would arrive.
    await Promise.all([looks(), looks(), looks()]).finally(() => clearInterval(showing));
    await stage.shown(camera, 3);
    expect(await Promise.all(stage.fake.frames.map(levelOf))).toEqual([3]);
    await stage.end();
  },
);

test('the look tool shows Gemini a source that is not watched', async () => {
  const stage = await geminiStage({
    video: { input: { source: 'camera', mode: 'onDemand' } },
  });
  await stage.agent.updateTools([createLookTool(stage.video)]);
  await live(stage);
  await stage.watch(camera);
  stage.publish(screen, TrackSource.SOURCE_SCREENSHARE);
  const showing = setInterval(() => screen.show(8), 20);
  const { connection } = stage.fake;
  try {
    expect(JSON.stringify(await connection.callTool('look', { source: 'screen' }))).toContain(
      'screen',
    );
    await stage.fake.until(() => stage.fake.frames.length > 0, 'the picture');
  } finally {
    clearInterval(showing);
  }
  expect(await Promise.all(stage.fake.frames.map(levelOf))).toContain(8);
  await stage.end();
});
