import { setTimeout as wait } from 'node:timers/promises';
import { TrackSource } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import { USER } from '../../src/testing/identities.ts';
import {
  live,
  PROVIDERS,
  type ProviderName,
  setStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

const FPS = 10;

let camera: SyntheticCamera;
let screen: SyntheticCamera;
beforeAll(async () => {
  camera = new SyntheticCamera({
    name: 'camera',
    source: 'camera',
    width: 1280,
    height: 720,
    fps: FPS,
    text: 'CAMERA 16',
  });
  screen = new SyntheticCamera({
    name: 'screen',
    source: 'screen',
    width: 640,
    height: 480,
    fps: FPS,
    text: 'SCREEN 4',
  });
  await Promise.all([camera.start(), screen.start()]);
});
// The runs of the providers take place at the same time.
afterAll(async () => {
  await stagesEnded();
  await Promise.all([camera.stop(), screen.stop()]);
});

interface Phase {
  readonly user: 'silent' | 'speaking';
  readonly ms: number;
}
const SCRIPT: readonly Phase[] = [
  { user: 'silent', ms: 8000 },
  { user: 'speaking', ms: 8000 },
  { user: 'silent', ms: 7000 },
  { user: 'speaking', ms: 7000 },
];
const INTERVAL_MS = { silent: 3000, speaking: 1000 };

/** Plays the script. Returns when each phase began and the last one ended. */
async function play(room: { speaking(...identities: string[]): void }): Promise<number[]> {
  const begins: number[] = [];
  for (const { user, ms } of SCRIPT) {
    begins.push(Date.now());
    if (user === 'speaking') room.speaking(USER);
    else room.speaking();
    await wait(ms);
  }
  begins.push(Date.now());
  room.speaking();
  return begins;
}

describe('a run of 30 s with speech', () => {
  test.concurrent.each(PROVIDERS)(
    'a realtime model gets frames at the rate of each phase, none too old, each a fitted JPEG: %s',
    async (provider: ProviderName) => {
      const stage = await setStage(provider);
      await live(stage);
      const first = stage.fake.nextFrame();
      await stage.watch(camera);
      await first;
      const begins = await play(stage.room);

      const { frames, violations } = stage.fake;
      expect(violations).toEqual([]);
      const latencies: number[] = [];
      for (const [n, { user }] of SCRIPT.entries()) {
        const [begin = 0, end = 0] = begins.slice(n);
        const within = frames.filter(({ at }) => at >= begin && at < end);
        const ideal = (end - begin) / INTERVAL_MS[user];
        const message = `${within.length} in phase ${n}`;
        expect(Math.abs(within.length - ideal), message).toBeLessThanOrEqual(1);
        if (user === 'speaking') latencies.push((within[0]?.at ?? Number.NaN) - begin);
      }
      // The frame for speech comes at once, not at the next tick of the slow rate.
      expect(Math.min(...latencies)).toBeLessThan(INTERVAL_MS.silent / 2);

      for (const frame of frames)
        expect(frame).toMatchObject({ mimeType: 'image/jpeg', width: 1024, height: 576 });
      const { frameAgeMs, frames: counts, budget, bytesSent } = stage.video.metrics();
      // A frame is no older than the time between two of the camera, and what the encoding takes:
      // never as old as the sample before.
      expect(frameAgeMs.p95).toBeLessThan(INTERVAL_MS.speaking);
      expect(counts.sent).toBeGreaterThanOrEqual(frames.length - 1);
      expect(bytesSent).toBe(frames.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(budget).toMatchObject({ frames: frames.length, bytes: bytesSent });
      // A live frame of Gemini 2.5 is one tile; four of OpenAI's cover 1024x576.
      const tokens = frames.length * (provider === 'google' ? 258 : 765);
      expect(stage.video.metrics().tokens).toEqual({ estimated: tokens, unknownPictures: 0 });
      expect(budget.tokens).toBe(tokens);
      console.info(provider, { latencies, frameAgeMs, frames: frames.length });

      // A picture smaller than the limit is not enlarged. A new source gets a frame at once.
      const before = frames.length;
      const switched = stage.fake.nextFrame(({ width }) => width !== 1024);
      await stage.watch(screen, TrackSource.SOURCE_SCREENSHARE);
      expect(await switched).toMatchObject({ mimeType: 'image/jpeg', width: 640, height: 480 });
      await wait(1000);
      const after = stage.fake.frames.slice(before).map(({ width }) => width);
      expect(after.lastIndexOf(1024)).toBeLessThan(after.indexOf(640));
    },
    60_000,
  );
});
