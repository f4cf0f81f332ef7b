import '../support/quiet.ts';
import { dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLookTool } from '../../src/watch/look-tool.ts';
import { VideoWatch } from '../../src/watch/video-watch.ts';
import { endStages, liveStage, never, PROVIDERS, stagesEnded } from '../realtime/stage.ts';
import { HandCamera } from '../support/loopback.ts';
import { within } from '../support/waits.ts';

let camera: HandCamera;
let showing: NodeJS.Timeout;
beforeAll(() => {
  camera = new HandCamera();
  showing = setInterval(() => camera.show(5), 50);
});
afterEach(endStages);
afterAll(async () => {
  clearInterval(showing);
  await stagesEnded();
  await camera.close();
  await dispose();
});

describe.each(PROVIDERS)('with a realtime model of %s', (provider) => {
  test('the look tool has the model get a fresh picture', async () => {
    const stage = await liveStage(provider, { video: { input: { sampler: never } } });
    await stage.watch(camera);
    const tool = createLookTool(stage.video);
    const ctx = { session: stage.session } as Parameters<typeof tool.execute>[1]['ctx'];
    const arrived = within('picture', stage.fake.nextFrame());
    const options = { ctx, toolCallId: 'call_1', abortSignal: new AbortController().signal };
    expect(await tool.execute({}, options)).toBe('A fresh picture of the camera was sent.');
    await arrived;
  });

  test('a watch has it speak once, and waits for the end of that', async () => {
    const stage = await liveStage(provider, { video: { input: { sampler: never } } });
    await stage.watch(camera);
    const watch = new VideoWatch(stage.video, {
      every: 50,
      decide: () => true,
      act: { say: 'Somebody is at the door.' },
      session: stage.session,
    });
    const done = within(
      'end of the act',
      new Promise<void>((resolve, reject) => {
        watch.on('act.done', () => resolve());
        watch.on('watch.failed', ({ error }) => reject(new Error(error)));
      }),
    );
    watch.start();
    try {
      await done;
      expect(watch.metrics()).toMatchObject({ acts: 1, dropped: 0 });
    } finally {
      watch.stop();
    }
  });
});
