import { TrackSource } from '@livekit/rtc-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import type { ReceivedFrame } from '../../src/testing/fakes/service-record.ts';
import { USER } from '../../src/testing/identities.ts';
import {
  live,
  PROVIDERS,
  type ProviderName,
  type RealtimeStage,
  setStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

let camera: SyntheticCamera;
let screen: SyntheticCamera;
beforeAll(async () => {
  camera = new SyntheticCamera({
    name: 'camera',
    source: 'camera',
    width: 1280,
    height: 720,
    fps: 10,
    text: 'CAMERA 16',
  });
  screen = new SyntheticCamera({
    name: 'screen',
    source: 'screen',
    width: 640,
    height: 480,
    fps: 10,
    text: 'SCREEN 4',
  });
  await Promise.all([camera.start(), screen.start()]);
});
// The runs of the providers take place at the same time.
afterAll(async () => {
  await stagesEnded();
  await Promise.all([camera.stop(), screen.stop()]);
});

/** The next frames that the service gets. */
async function framesOf({ fake }: RealtimeStage, count: number): Promise<ReceivedFrame[]> {
  const frames: ReceivedFrame[] = [];
  while (frames.length < count) frames.push(await fake.nextFrame());
  return frames;
}

/** Mean time between frames, in ms. */
const meanGap = (frames: readonly ReceivedFrame[]): number =>
  ((frames.at(-1)?.at ?? Number.NaN) - (frames[0]?.at ?? Number.NaN)) / (frames.length - 1);

const SPOKEN = 4;

test.concurrent.each(PROVIDERS)(
  'a realtime model gets fitted JPEGs at the rate of speech and of silence, and each is counted: %s',
  async (provider: ProviderName) => {
    const stage = await setStage(provider);
    await live(stage);
    const silent = framesOf(stage, 3);
    await stage.watch(camera);
    const silentGap = meanGap(await silent);
    const begin = Date.now();
    const spoken = framesOf(stage, SPOKEN);
    stage.room.speaking(USER);
    const [first] = await spoken;
    // One frame a second instead of one every three.
    expect(meanGap(await spoken)).toBeLessThan(silentGap / 2);
    // The frame for speech comes at once, not at the next tick of the slow rate.
    expect((first?.at ?? Number.NaN) - begin).toBeLessThan(silentGap / 2);

    stage.video.setMode('off');
    // What was handed over before is still on its way.
    await stage.settled();
    await stage.fake.connection.reaction();
    const { violations } = stage.fake;
    const frames = [...stage.fake.frames];
    expect(violations).toEqual([]);
    for (const frame of frames)
      expect(frame).toMatchObject({ mimeType: 'image/jpeg', width: 1024, height: 576 });
    const { frameAgeMs, frames: counts, budget, bytesSent, tokens } = stage.video.metrics();
    // A frame is no older than the time between two of the camera, and what the encoding takes:
    // never as old as the sample before.
    expect(frameAgeMs.p95).toBeLessThan(silentGap / 2);
    expect(counts.sent).toBe(frames.length);
    expect(bytesSent).toBe(frames.reduce((sum, { bytes }) => sum + bytes, 0));
    // A live frame of Gemini 2.5 is one tile; four of OpenAI's cover 1024x576.
    const estimated = frames.length * (provider === 'google' ? 258 : 765);
    expect(tokens).toEqual({ estimated, unknownPictures: 0 });
    expect(budget).toMatchObject({ frames: frames.length, bytes: bytesSent, tokens: estimated });

    // A picture smaller than the limit is not enlarged. A new source gets a frame at once.
    const isOfScreen = ({ width }: ReceivedFrame) => width !== 1024;
    const switched = stage.fake.nextFrame(isOfScreen);
    stage.video.setMode('sampled');
    await stage.watch(screen, TrackSource.SOURCE_SCREENSHARE);
    expect(await switched).toMatchObject({ mimeType: 'image/jpeg', width: 640, height: 480 });
    expect((await framesOf(stage, 2)).every(isOfScreen)).toBe(true);
  },
);
