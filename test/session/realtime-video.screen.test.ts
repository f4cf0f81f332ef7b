import { TrackSource } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Size } from '../../src/frames/geometry.ts';
import type { InputImageOptions } from '../../src/session/options.ts';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import {
  endStages,
  liveStage,
  never,
  type PROVIDERS,
  stagesEnded,
} from '../support/realtime-stage.ts';

const SIZE = { width: 1600, height: 900 };
const { SOURCE_CAMERA, SOURCE_SCREENSHARE } = TrackSource;
const SMALL = { width: 320, height: 320, strategy: 'scale_aspect_fit' } as const;

let screen: SyntheticCamera;
beforeAll(async () => {
  screen = new SyntheticCamera({ name: 's', source: 'screen', ...SIZE, fps: 5, text: 'SCREEN' });
  await screen.start();
});
afterEach(endStages);
afterAll(async () => {
  await stagesEnded();
  await screen.stop();
});

type Row = [
  what: string,
  provider: (typeof PROVIDERS)[number],
  source: TrackSource,
  image: InputImageOptions,
  picture: Size,
];
const ROWS: readonly Row[] = [
  ['a screen larger than a camera', 'openai', SOURCE_SCREENSHARE, {}, { width: 1366, height: 768 }],
  ['a camera inside 1024x1024', 'openai', SOURCE_CAMERA, {}, { width: 1024, height: 576 }],
  ['a screen inside 1024x1024', 'google', SOURCE_SCREENSHARE, {}, { width: 1024, height: 576 }],
  [
    'a screen with the options of screens',
    'openai',
    SOURCE_SCREENSHARE,
    { quality: 50, screen: { resize: SMALL } },
    { width: 320, height: 180 },
  ],
  [
    'a camera without the options of screens',
    'google',
    SOURCE_CAMERA,
    { screen: { resize: SMALL } },
    { width: 1024, height: 576 },
  ],
];

test.each(ROWS)('a realtime model gets %s: %s', async (_, provider, source, image, picture) => {
  const stage = await liveStage(provider, { video: { input: { sampler: never, image } } });
  const seen = stage.fake.nextFrame();
  await stage.watch(screen, source);
  expect(await seen).toMatchObject(picture);
  expect(stage.fake.violations).toEqual([]);
});
