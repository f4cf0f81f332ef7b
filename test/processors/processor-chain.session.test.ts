import { voice } from '@livekit/agents';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { LookError, mask, type VideoProcessor, VideoWatch } from '../../src/index.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { greyLevel } from '../../src/testing/pictures/likeness.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { until } from '../../src/testing/waits.ts';
import { createLookTool } from '../../src/watch/look-tool.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, nextEvent, rejection, shownIn } from '../support/loopback.ts';
import * as realtime from '../support/realtime-stage.ts';

/** Hides the whole picture: whatever leaves is black, of level 0. */
const blackout = mask([{ x: 0, y: 0, width: 1, height: 1 }]);
const MASKED = { video: { input: { processors: [blackout] } } };
const CAMERA_LEVEL = 8;

const camera = fileCamera();
const live = new TestCamera({ width: 320, height: 240 });
afterEach(endStages);
afterAll(async () => {
  realtime.endStages();
  await realtime.stagesEnded();
  await live.close();
});

const withProcessor = (process: VideoProcessor['process'], more: Partial<VideoProcessor> = {}) => ({
  video: { input: { processors: [{ name: 'test', process, ...more }] } },
});

describe('behind a mask, the masked region is not', () => {
  test('in the picture of a turn', async () => {
    const stage = await liveStage(camera, MASKED);
    await stage.show(CAMERA_LEVEL);
    await stage.type('What is there?');
    expect((await shownIn(stage.model.last.pictures[0])).level).toBe(0);
  });

  test('in what the application gets from look() and latestFrame()', async () => {
    const stage = await liveStage(camera, MASKED);
    const frames = [await stage.show(CAMERA_LEVEL), await stage.video.latestFrame()];
    for (const seen of frames) {
      if (!seen) throw new Error('there is no frame');
      expect(await greyLevel(seen.frame)).toBe(0);
      expect(await greyLevel(await seen.encode())).toBe(0);
    }
  });

  test('in the answer of a look tool', async () => {
    const model = new RecordingLLM();
    const stage = await liveStage(camera, { ...MASKED, model });
    await stage.session.updateAgent(
      new voice.Agent({ instructions: 'Look.', tools: [createLookTool(stage.video)] }),
    );
    model.replies.push([{ call: 'look' }]);
    const showing = setInterval(() => camera.show(CAMERA_LEVEL), 30);
    await stage.session.generateReply({ userInput: 'Look.' }).waitForPlayout();
    clearInterval(showing);
    const levels = await Promise.all(model.last.pictures.map(shownIn));
    expect(levels.map(({ level }) => level)).toContain(0);
    expect(levels.every(({ level }) => level === 0)).toBe(true);
  });

  test.each(realtime.PROVIDERS)('in the frames of a %s model', async (provider) => {
    const stage = await realtime.liveStage(provider, MASKED);
    await stage.watch(live);
    const arrived = stage.fake.nextFrame(undefined, 15_000);
    const showing = setInterval(() => live.show(CAMERA_LEVEL), 30);
    expect(await realtime.levelOf(await arrived)).toBe(0);
    clearInterval(showing);
  });

  test('in what a sampler sees of the frames', async () => {
    const brightest: number[] = [];
    const stage = await realtime.liveStage('openai', {
      video: {
        input: {
          processors: [blackout],
          sampler: ({ luma }) => {
            const small = luma?.(8, 8);
            if (small) brightest.push(Math.max(...small.means));
            return false;
          },
        },
      },
    });
    await stage.watch(live);
    const showing = setInterval(() => live.show(CAMERA_LEVEL), 20);
    await until('frames for the sampler', () => brightest.length >= 3);
    clearInterval(showing);
    expect(Math.max(...brightest)).toBeLessThanOrEqual(20);
  });

  test('in what a watch notices, or hands to its detector', async () => {
    const levels: (number | undefined)[] = [];
    const stage = await liveStage(camera, MASKED);
    const watch = new VideoWatch(stage.video, {
      everyMs: 50,
      decide: async ({ frame }) => {
        levels.push(await greyLevel(frame));
        return false;
      },
      act: 'event',
    });
    watch.start();
    const showing = setInterval(() => camera.show(CAMERA_LEVEL), 20);
    await until('looks of the watch', () => levels.length >= 2);
    clearInterval(showing);
    await watch.stop();
    expect(new Set(levels)).toEqual(new Set([0]));
  });
});

test('a watch of changes makes a processor process at most five frames a second', async () => {
  const times: { receivedAt: number; processedAt: number }[] = [];
  const noteTime: VideoProcessor['process'] = (frame, { receivedAt }) => {
    times.push({ receivedAt, processedAt: Date.now() });
    return frame;
  };
  const stage = await liveStage(camera, withProcessor(noteTime));
  await stage.show(CAMERA_LEVEL);
  const watch = new VideoWatch(stage.video, {
    onSceneChange: true,
    decide: () => false,
    act: 'event',
  });
  // The first picture counts as a change, and so causes a look.
  const decided = new Promise((resolve) => watch.on('look.decided', resolve));
  watch.start();
  const showing = setInterval(() => camera.show(CAMERA_LEVEL), 20);
  await decided;
  times.length = 0;
  await until('processed frames', () => times.length >= 3);
  clearInterval(showing);
  watch.stop();
  // A frame that waited for its time was received a little before it. Two clocks measure the wait.
  const begin = times[0]?.receivedAt ?? 0;
  for (const [index, { processedAt }] of times.entries())
    expect(processedAt - begin).toBeGreaterThanOrEqual(200 * index - 2);
});

describe('a frame that a processor withholds does not exist', () => {
  const failing = () => {
    throw new Error('no model');
  };

  test.each<[string, ReturnType<typeof withProcessor>]>([
    ['returns null', withProcessor(() => null)],
    ['throws', withProcessor(failing)],
    ['is late', withProcessor(() => new Promise(() => {}), { timeoutMs: 20 })],
  ])('a turn is answered without a picture if a processor %s', async (_, options) => {
    const stage = await liveStage(camera, options);
    camera.show(CAMERA_LEVEL);
    await until('a frame', () => stage.video.metrics().frames.received > 0);
    await stage.type('What is there?');
    expect(stage.model.last.pictures).toEqual([]);
    expect(stage.model.last.text).toBe('What is there?');
    expect(await stage.video.latestFrame()).toBeUndefined();
    // A frame counts when the next one takes its place.
    const { received } = stage.video.metrics().frames;
    camera.show(CAMERA_LEVEL);
    await until('the next frame', () => stage.video.metrics().frames.received > received);
    expect(stage.video.metrics().frames.skipped.processor).toBe(1);
  });

  test('look() reports that a processor withheld the frame', async () => {
    const stage = await liveStage(
      camera,
      withProcessor(() => null),
    );
    const looked = rejection(stage.video.look());
    camera.show(CAMERA_LEVEL);
    expect(await looked).toBeInstanceOf(LookError);
    expect(await looked).toMatchObject({ reason: 'withheld' });
  });

  test('a processor that throws is reported as an error that names it', async () => {
    const stage = await liveStage(camera, withProcessor(failing));
    const reported = nextEvent(stage.video, 'error');
    const looked = rejection(stage.video.look());
    camera.show(CAMERA_LEVEL);
    await looked;
    expect(await reported).toMatchObject({
      cause: 'processor',
      message: 'the processor "test" withholds its frames: no model',
    });
  });
});

describe('processors can be changed during a call', () => {
  const past = (stage: { model: RecordingLLM }) =>
    Promise.all(stage.model.last.pictures.map(shownIn));

  test('setProcessors hides what the next turns show, and withdraws what earlier turns showed', async () => {
    const stage = await liveStage(camera, { video: { turn: { keepPictures: 3 } } });
    await stage.show(CAMERA_LEVEL);
    await stage.type('What is there?');
    expect((await past(stage)).map(({ level }) => level)).toEqual([CAMERA_LEVEL]);
    stage.video.setProcessors([blackout]);
    await stage.show(CAMERA_LEVEL);
    await stage.type('And now?');
    expect((await past(stage)).map(({ level }) => level)).toEqual([0]);
  });

  test('a still screen is processed again, although it sends no new frame', async () => {
    const stage = await liveStage(camera, MASKED);
    await stage.show(CAMERA_LEVEL);
    const before = await stage.video.latestFrame();
    stage.video.setProcessors([]);
    const after = await stage.video.latestFrame();
    expect([
      before && (await greyLevel(before.frame)),
      after && (await greyLevel(after.frame)),
    ]).toEqual([0, CAMERA_LEVEL]);
  });

  test('a picture that is being encoded when a mask is set never leaves', async () => {
    const stage = await liveStage(camera);
    await stage.show(CAMERA_LEVEL);
    const seen = await stage.video.latestFrame();
    stage.video.setProcessors([blackout]);
    expect(await rejection(seen?.encode() ?? Promise.resolve())).toBeInstanceOf(LookError);
  });

  test('setProcessors refuses what is no processor', async () => {
    const stage = await liveStage(camera);
    expect(() => stage.video.setProcessors([mask as never])).toThrow(
      'processors[0] is the function mask: call it, to get a processor',
    );
  });
});

test('a frame is processed once, however many ask for it', async () => {
  let calls = 0;
  const stage = await liveStage(
    camera,
    withProcessor((frame) => {
      calls++;
      return frame;
    }),
  );
  await stage.show(CAMERA_LEVEL);
  await Promise.all([stage.video.latestFrame(), stage.video.latestFrame(), stage.type('Well?')]);
  expect(calls).toBe(1);
});
