import { TrackSource } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { tokenRule } from '../../src/models/picture-tokens.ts';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import {
  endStages,
  liveStage,
  never,
  type ProviderName,
  stagesEnded,
} from '../support/realtime-stage.ts';

let screen: SyntheticCamera;
beforeAll(async () => {
  const size = { width: 1600, height: 900 };
  screen = new SyntheticCamera({ name: 's', source: 'screen', ...size, fps: 5, text: 'SCREEN' });
  await screen.start();
});
afterEach(endStages);
afterAll(async () => {
  await stagesEnded();
  await screen.stop();
});

/** A user who shares a screen. Resolves when the model has got it. */
async function sharing(provider: ProviderName) {
  const input = { sampler: never, image: { screen: { tiles: 4 } } };
  const stage = await liveStage(provider, { video: { input } });
  const sent = stage.next('sample.sent');
  await stage.watch(screen, TrackSource.SOURCE_SCREENSHARE);
  await sent;
  await stage.fake.until(() => stage.fake.frames.length > 0, 'a picture');
  return stage;
}

const sizesOf = ({ fake }: Awaited<ReturnType<typeof sharing>>) =>
  fake.frames.map(({ width, height }) => `${width}x${height}`);

test('OpenAI Realtime gets a large screen and its tiles as one item, each behind its label', async () => {
  const stage = await sharing('openai');
  expect(sizesOf(stage)).toEqual(['1024x576', ...Array(4).fill('832x482')]);
  const { frames } = stage.fake;
  expect(new Set(frames.map(({ itemId }) => itemId)).size).toBe(1);
  const { fake } = stage;
  if (!('conversation' in fake)) throw new Error('the service is not that of OpenAI');
  const item = fake.conversation.find(({ id }) => id === frames[0]?.itemId);
  const content = (item?.content ?? []) as { type: string; text?: string }[];
  expect(content.map(({ type, text }) => text ?? type)).toEqual([
    'screen, overview: places and regions refer to this picture:',
    'input_image',
    'screen, part 1 of 4: top left',
    'input_image',
    'screen, part 2 of 4: top right',
    'input_image',
    'screen, part 3 of 4: bottom left',
    'input_image',
    'screen, part 4 of 4: bottom right',
    'input_image',
  ]);
  expect(stage.fake.violations).toEqual([]);
});

test('the budget of OpenAI Realtime counts a screen and its tiles as one frame with all their tokens', async () => {
  const stage = await sharing('openai');
  const rule = tokenRule({ name: 'gpt-realtime', isRealtime: true });
  const all = stage.fake.frames.reduce((sum, size) => sum + (rule?.(size, 'auto') ?? 0), 0);
  const { budget, tokens, bytesSent } = stage.video.metrics();
  expect(budget).toMatchObject({ frames: 1, tokens: all, bytes: bytesSent });
  expect(tokens.estimated).toBe(all);
});

test('Gemini Live gets a large screen as one picture', async () => {
  expect(sizesOf(await sharing('google'))).toEqual(['1024x576']);
});
