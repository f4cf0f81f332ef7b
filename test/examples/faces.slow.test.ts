import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FaceDetector } from '../../examples/detector/face-detector.ts';
import { hideFaces } from '../../examples/faces.ts';
import type { Region, VideoProcessor } from '../../src/index.ts';
import { until } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage } from '../support/loopback.ts';
import { blackShare, GROUP, PHOTOS } from '../support/people.ts';

const camera = fileCamera({ width: 1280, height: 720 });
let detector: FaceDetector;
beforeAll(async () => {
  detector = await FaceDetector.open();
});
afterEach(endStages);
afterAll(() => detector.close());

/** An agent whose user's camera passes these processors. A busy machine is no reason to be late. */
function stageWith(...processors: VideoProcessor[]) {
  const patient = processors.map((one) => ({ timeoutMs: 60_000, ...one }));
  return liveStage(camera, {
    video: {
      input: { processors: patient, lookTimeoutMs: 60_000 },
      turn: { attachBudgetMs: 60_000 },
    },
  });
}

type Stage = Awaited<ReturnType<typeof stageWith>>;

/** Resolves when the photograph is the newest frame. */
async function shown(stage: Stage, file: URL): Promise<void> {
  const seen = stage.video.look();
  await camera.show(file);
  await seen;
}

/** The picture that the model gets of a photograph. */
async function modelSees(stage: Stage, { file }: { file: URL }): Promise<Buffer> {
  await shown(stage, file);
  await stage.type('Who is there?');
  const image = stage.model.last.pictures[0]?.image;
  if (typeof image !== 'string') throw new Error('the model got no picture');
  return Buffer.from(image.slice(image.indexOf(',') + 1), 'base64');
}

async function hiddenOf(picture: Buffer, faces: readonly Region[]): Promise<number> {
  const shares = await Promise.all(faces.map((face) => blackShare(picture, face)));
  return shares.filter((share) => share > 0.95).length;
}

describe('an agent that hides faces', () => {
  test('the model sees at most one of ten faces that look at the camera', async () => {
    const stage = await stageWith(hideFaces(detector));
    const count = { frontal: 0, turned: 0, hiddenFrontal: 0, hiddenTurned: 0 };
    for (const photo of PHOTOS) {
      const picture = await modelSees(stage, photo);
      count.frontal += photo.frontal.length;
      count.turned += photo.turned.length;
      count.hiddenFrontal += await hiddenOf(picture, photo.frontal);
      count.hiddenTurned += await hiddenOf(picture, photo.turned);
    }
    const { frontal, turned, hiddenFrontal, hiddenTurned } = count;
    console.info(
      `faces hidden: ${hiddenFrontal} of ${frontal} that look at the camera, ` +
        `${hiddenTurned} of ${turned} that look down or aside`,
    );
    expect(hiddenFrontal / frontal).toBeGreaterThanOrEqual(0.9);
  });

  test('without the processor, the model sees all of these faces', async () => {
    const stage = await stageWith();
    expect(await hiddenOf(await modelSees(stage, GROUP), GROUP.frontal)).toBe(0);
  });

  test.each<[string, () => Promise<Region[]>, number]>([
    ['throws', () => Promise.reject(new Error('no model')), 60_000],
    ['is late', () => new Promise(() => {}), 20],
  ])('a turn is answered without a picture if the detector %s', async (_, find, timeoutMs) => {
    const stage = await stageWith({ ...hideFaces({ find }), timeoutMs });
    await camera.show(GROUP.file);
    await until('a frame', () => stage.video.metrics().frames.received > 0);
    await stage.type('Who is there?');
    expect(stage.model.last.pictures).toEqual([]);
    expect(await stage.video.latestFrame()).toBeUndefined();
  });

  test('a turn is answered without a picture if the thread of the detector has ended', async () => {
    const ended = await FaceDetector.open();
    const stage = await stageWith(hideFaces(ended));
    await shown(stage, GROUP.file);
    await ended.close();
    const { received } = stage.video.metrics().frames;
    await camera.show(GROUP.file);
    await until('the next frame', () => stage.video.metrics().frames.received > received);
    await stage.type('Who is there?');
    expect(stage.model.last.pictures).toEqual([]);
    expect(await stage.video.latestFrame()).toBeUndefined();
  });
});
