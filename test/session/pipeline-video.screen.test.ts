import { afterEach, expect, test } from 'vitest';
import type { VideoSessionOptions } from '../../src/index.ts';
import { WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { createLookTool } from '../../src/watch/look-tool.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, setStage, shownIn } from '../support/loopback.ts';

const camera = fileCamera();
const screen = fileCamera({ width: 64, height: 32, source: 'screen' });
afterEach(endStages);

const SMALL = { width: 320, height: 320, strategy: 'scale_aspect_fit' } as const;

/** The picture that a turn shows of a wide frame. */
async function shownOf(
  source: typeof camera,
  video: Omit<VideoSessionOptions, 'room'> = {},
  canLook = false,
) {
  const patient = { attachBudgetMs: WAIT_LIMIT_MS, maxFrameAgeMs: WAIT_LIMIT_MS };
  const stage = setStage(source, { video: { ...video, turn: { ...patient, ...video.turn } } });
  if (canLook) createLookTool(stage.video);
  await stage.start();
  await stage.cameraOn();
  await stage.show(6, { width: 2560, height: 320 });
  await stage.type('What is it?');
  return shownIn(stage.model.last.ownPictures[0]);
}

test('a turn shows a screen in more detail if the model cannot look at its parts', async () => {
  expect(await shownOf(screen)).toMatchObject({ level: 6, width: 2048, height: 256 });
  expect(await shownOf(screen, {}, true)).toMatchObject({ level: 6, width: 1568, height: 196 });
  expect(await shownOf(camera, {}, true)).toMatchObject({ level: 6, width: 2048, height: 256 });
});

test('the limits of turns apply to a screen of which the model can see parts', async () => {
  const turn = { inferenceWidth: 2560 };
  expect(await shownOf(screen, { turn }, true)).toMatchObject({ width: 2560, height: 320 });
});

test('input.image.screen sets the pictures of screens in turns, and not those of cameras', async () => {
  const video = {
    input: { image: { screen: { format: 'png', resize: SMALL } } },
    turn: { inferenceWidth: 640, image: { format: 'webp' } },
  } as const;
  expect(await shownOf(screen, video)).toMatchObject({ format: 'png', width: 320, height: 40 });
  expect(await shownOf(camera, video)).toMatchObject({ format: 'webp', width: 640, height: 80 });
});
