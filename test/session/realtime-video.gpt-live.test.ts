import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import { UnsupportedModelError } from '../../src/index.ts';
import type { JsonObject } from '../../src/testing/fakes/json.ts';
import { fileCamera } from '../support/camera.ts';
import { rejection } from '../support/loopback.ts';
import { endStages, gptLiveStage, live, never, stagesEnded } from '../support/realtime-stage.ts';

const camera = fileCamera();
afterEach(endStages);
afterAll(() => stagesEnded());

/** Sends pictures only to a new connection, and on request. */
const quiet = { video: { input: { sampler: never } } };

/** A stage whose model has level 2. */
async function seeingStage() {
  const stage = await gptLiveStage(quiet);
  await live(stage);
  const first = stage.fake.nextFrame();
  const publication = await stage.watch(camera);
  camera.show(2);
  await first;
  return { stage, publication };
}

const items = (messages: readonly { message: JsonObject }[]) =>
  messages.flatMap(({ message }) =>
    message.type === 'response.item.create' ? [message.item] : [],
  );

describe('GPT-Live', () => {
  test('GPT-Live gets the newest frame as an item for the model behind it', async () => {
    const { stage } = await seeingStage();
    const reported = stage.next('sample.sent', ({ frameId }) => frameId === 2);
    await stage.shown(camera, 6);
    await reported;
    expect(await stage.levelsOn(1)).toEqual([2, 6]);
    expect(items(stage.fake.messages)).toEqual(
      Array(2).fill({
        type: 'message',
        role: 'user',
        content: [
          {
            type: 'input_image',
            image_url: expect.stringMatching(/^data:image\/jpeg;base64,/),
            detail: 'auto',
          },
        ],
      }),
    );
  });

  test('GPT-Live gets the name of the source before each picture if it has several', async () => {
    const stage = await gptLiveStage({
      video: { input: { sampler: never, sources: ['camera', 'screen'] } },
    });
    await live(stage);
    const first = stage.fake.nextMessage(({ type }) => type === 'response.item.create');
    await stage.watch(camera);
    camera.show(2);
    expect((await first).message.item).toMatchObject({
      content: [{ type: 'input_text', text: 'camera:' }, { type: 'input_image' }],
    });
  });

  test('GPT-Live gets one line with the time when the camera is muted', async () => {
    const { stage, publication } = await seeingStage();
    const line = stage.fake.nextMessage((message) => JSON.stringify(message).includes('is off'));
    stage.room.mute(publication);
    expect((await line).message).toMatchObject({
      type: 'response.item.create',
      item: {
        role: 'developer',
        content: [{ type: 'input_text', text: expect.stringMatching(/^The camera is off since/) }],
      },
    });
  });

  test('GPT-Live gets the newest frame on the next connection, and none that was taken before', async () => {
    const { stage } = await seeingStage();
    const release = stage.fake.setup.hold();
    const waiting = stage.next('model.waiting');
    stage.fake.closeConnection(1011);
    await waiting;
    await stage.showMeanwhile(camera, 4, 5);
    const next = stage.fake.nextFrame();
    release();
    await next;
    expect(await stage.levelsOn(2)).toEqual([5]);
  });

  test('GPT-Live that refuses pictures is reported as blind, and gets no more of them', async () => {
    const stage = await gptLiveStage(quiet);
    stage.fake.refusesPictures = true;
    await live(stage);
    const blind = stage.next('model.blind');
    await stage.watch(camera);
    while (!stage.link.includes('blind')) await stage.showMeanwhile(camera, 3);
    expect((await blind).reason).toContain('refuses pictures');
    const before = items(stage.fake.messages).length;
    await stage.showMeanwhile(camera, 4, 5);
    expect(items(stage.fake.messages)).toHaveLength(before);
    expect(before).toBe(4);
  });

  test('GPT-Live that refused pictures gets the newest frame on its next connection', async () => {
    const stage = await gptLiveStage(quiet);
    stage.fake.refusesPictures = true;
    await live(stage);
    const blind = stage.next('model.blind');
    await stage.watch(camera);
    while (!stage.link.includes('blind')) await stage.showMeanwhile(camera, 3);
    await blind;
    stage.fake.refusesPictures = false;
    const next = stage.fake.nextFrame();
    stage.fake.closeConnection(1011);
    await next;
    expect(await stage.levelsOn(2)).toEqual([3]);
  });

  test('GPT-Live whose delegations the application answers is refused with the remedy', async () => {
    const stage = await gptLiveStage({ gptLive: { delegation: 'client' } });
    const error = await rejection(stage.start());
    expect(error).toBeInstanceOf(UnsupportedModelError);
    expect(String(error)).toContain("delegation: 'responses'");
    await waitFor(stage.video.actor, ({ status }) => status === 'done');
  });
});
