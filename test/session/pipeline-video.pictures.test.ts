import { log } from '@livekit/agents';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Size } from '../../src/frames/geometry.ts';
import type { TurnOptions } from '../../src/session/options.ts';
import type { VideoEventOf } from '../../src/session/reporter.ts';
import type { CameraRotation } from '../../src/testing/camera/test-camera.ts';
import { WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  frameIdOf,
  liveStage,
  nextEvent,
  setStage,
  shownIn,
  userTurns,
} from '../support/loopback.ts';

const camera = fileCamera();
afterEach(async () => {
  vi.restoreAllMocks();
  await endStages();
});

const size = (width: number, height: number): Size => ({ width, height });
const upright: CameraRotation = 0;
const turned: CameraRotation = 90;

/** Size of the frame, its rotation, the limits, and the size of the picture. */
const SIZES: [what: string, Size, CameraRotation, TurnOptions, Size][] = [
  ['no limit', size(96, 64), upright, {}, size(96, 64)],
  ['a width', size(96, 64), upright, { inferenceWidth: 48 }, size(48, 32)],
  ['a height', size(96, 64), upright, { inferenceHeight: 32 }, size(48, 32)],
  [
    'both, where the width decides',
    size(96, 64),
    upright,
    { inferenceWidth: 48, inferenceHeight: 60 },
    size(48, 32),
  ],
  [
    'both, where the height decides',
    size(96, 64),
    upright,
    { inferenceWidth: 90, inferenceHeight: 32 },
    size(48, 32),
  ],
  [
    'limits beyond the frame',
    size(96, 64),
    upright,
    { inferenceWidth: 960, inferenceHeight: 640 },
    size(96, 64),
  ],
  ['no limit, and larger than the default', size(3840, 2160), upright, {}, size(2048, 1152)],
  ['no limit, turned, and larger than the default', size(2160, 32), turned, {}, size(30, 2048)],
  [
    'limits beyond the default',
    size(3840, 2160),
    upright,
    { inferenceWidth: 16_383, inferenceHeight: 16_383 },
    size(3840, 2160),
  ],
  [
    'a height beyond the default',
    size(2560, 32),
    upright,
    { inferenceHeight: 3000 },
    size(2560, 32),
  ],
  [
    'a size of the encoder, beyond the default',
    size(2560, 32),
    upright,
    { image: { resize: { width: 2400, height: 2400, strategy: 'scale_aspect_fit' } } },
    size(2400, 30),
  ],
  ['no limit, turned', size(96, 64), turned, {}, size(64, 96)],
  ['a width, turned', size(96, 64), turned, { inferenceWidth: 32 }, size(32, 48)],
  ['a height, turned', size(96, 64), turned, { inferenceHeight: 48 }, size(32, 48)],
];

describe('the picture of a turn', () => {
  test.each(SIZES)(
    'the picture of a turn has the size of %s',
    async (_, frame, rotation, turn, picture) => {
      // A busy machine takes longer than the usual budget to encode a large picture.
      const patient = { attachBudgetMs: WAIT_LIMIT_MS, maxFrameAgeMs: WAIT_LIMIT_MS };
      const stage = await liveStage(camera, { video: { turn: { ...patient, ...turn } } });
      await stage.show(6, { ...frame, rotation });
      await stage.type('What is it?');
      expect(await shownIn(stage.model.last.ownPictures[0])).toMatchObject({
        level: 6,
        ...picture,
      });
    },
  );

  test.each(['png', 'webp', 'jpeg'] as const)(
    'the picture of a turn declares its type: %s',
    async (format) => {
      const stage = await liveStage(camera, { video: { turn: { image: { format } } } });
      await stage.show(6);
      await stage.type('What is it?');
      const [picture] = stage.model.last.ownPictures;
      expect(await shownIn(picture)).toMatchObject({
        level: 6,
        format,
        mimeType: `image/${format}`,
      });
      expect(picture?.image).toMatch(new RegExp(`^data:image/${format};base64,`));
    },
  );

  test('the picture of a turn has the detail of the option', async () => {
    const stage = await liveStage(camera, { video: { turn: { detail: 'low' } } });
    await stage.show(6);
    await stage.type('What is it?');
    expect(stage.model.last.ownPictures[0]?.inferenceDetail).toBe('low');
  });

  test('the picture of a turn is counted with its bytes, age and time', async () => {
    const stage = await liveStage(camera);
    await stage.show(6);
    await stage.type('What is it?');
    const image = stage.model.last.ownPictures[0]?.image;
    const bytes = typeof image === 'string' ? Buffer.from(image.split(',')[1] ?? '', 'base64') : '';
    const { bytesSent, encodeMs, frameAgeMs } = stage.video.metrics();
    expect(bytesSent).toBe(bytes.length);
    expect(stage.video.metrics().tokens).toEqual({ estimated: 0, unknownPictures: 1 });
    expect(encodeMs).toMatchObject({ count: 1, p50: expect.any(Number) });
    expect(frameAgeMs).toMatchObject({ count: 1, p50: expect.any(Number) });
  });
});

describe('a picture that is not ready within the budget', () => {
  const LARGE = size(1920, 1080);

  test('a picture that is not ready within the budget is left out, and its frame is not used up', async () => {
    const stage = await liveStage(camera, { video: { turn: { attachBudgetMs: 1 } } });
    const errors: VideoEventOf<'error'>[] = [];
    stage.video.on('error', (event) => errors.push(event));
    const { id } = await stage.show(6, LARGE);
    let encodedBefore: number | undefined;
    stage.video.on('turn.ready', () => {
      encodedBefore = stage.video.metrics().encodeMs.count;
    });
    await stage.type('What is it?');
    expect(stage.model.requests).toHaveLength(1);
    expect(stage.model.last.pictures).toEqual([]);
    expect(encodedBefore).toBe(0);
    expect(userTurns(stage.session.history.items)).toEqual([['What is it?']]);
    expect(stage.video.metrics().turns).toMatchObject({ attached: 0, 'over-budget': 1 });
    expect(errors).toEqual([{ type: 'error', cause: 'turn', message: expect.any(String) }]);
    expect(stage.video.metrics().errors).toEqual({ turn: 1 });
    expect((await stage.video.latestFrame())?.id).toBe(id);
  });

  test('a picture that is not ready within the budget leaves no frame in use', async () => {
    const stage = await liveStage(camera, { video: { turn: { attachBudgetMs: 1 } } });
    await stage.show(6, LARGE);
    await stage.type('What is it?');
    await vi.waitFor(() => expect(stage.video.metrics().encodeMs.count).toBe(1));
    await stage.show(7, LARGE);
    // The turn's frame is settled; the look of this test marks it as sent.
    expect(stage.video.metrics().frames).toMatchObject({ received: 2, sampled: 2, sent: 1 });
  });
});

describe('a picture that cannot be encoded', () => {
  test('a picture that cannot be encoded is left out, reported each time, and logged once', async () => {
    const warn = vi.spyOn(log(), 'warn');
    const stage = setStage(camera, { video: { turn: { image: { maxBytes: 1 } } } });
    // The encoder is checked at the start, so only a later failure reaches the turn.
    const early = nextEvent(stage.video, 'error');
    await stage.start();
    expect((await early).cause).toBe('encode');
    await stage.cameraOn();
    const errors: VideoEventOf<'error'>[] = [];
    stage.video.on('error', (event) => errors.push(event));
    for (const text of ['one', 'two']) {
      await stage.show(6);
      await stage.type(text);
      expect(stage.model.last.pictures).toEqual([]);
    }
    expect(stage.model.requests).toHaveLength(2);
    expect(errors.map(({ cause }) => cause)).toEqual(['encode', 'encode']);
    expect(stage.video.metrics().errors).toEqual({ encode: 3 });
    expect(stage.video.metrics().turns).toMatchObject({ attached: 0, 'encode-failed': 2 });
    const logged = warn.mock.calls.filter(([fields]) => JSON.stringify(fields).includes('encode'));
    expect(logged).toHaveLength(1);
    expect(userTurns(stage.session.history.items)).toEqual([['one'], ['two']]);
  });
});

test('a frame that arrives during the model call belongs to the next turn', async () => {
  const stage = await liveStage(camera);
  const first = await stage.show(3);
  let second: number | undefined;
  stage.model.replies.push(async () => {
    second = (await stage.show(4)).id;
    return 'Yes.';
  });
  await stage.type('one');
  expect(stage.model.last.ownPictures.map(frameIdOf)).toEqual([first.id]);
  await stage.type('two');
  expect(stage.model.last.ownPictures.map(frameIdOf)).toEqual([second]);
});
