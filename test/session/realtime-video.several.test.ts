import { TrackSource } from '@livekit/rtc-node';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import { voiceActivitySampler } from '../../src/index.ts';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import type { TestCamera } from '../../src/testing/camera/test-camera.ts';
import type { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import { USER } from '../../src/testing/identities.ts';
import { until, within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  liveStage,
  never,
  PROVIDERS,
  type RealtimeStage,
  stagesEnded,
} from '../support/realtime-stage.ts';
import { sourceAt } from '../support/sources.ts';

const face = fileCamera();
const page = fileCamera({ width: 64, height: 96, source: 'screen' });

const WIDE = { width: 640, height: 360 };
const HIGH = { width: 480, height: 640 };

let camera: SyntheticCamera;
let screen: SyntheticCamera;
beforeAll(async () => {
  camera = new SyntheticCamera({ name: 'c', source: 'camera', ...WIDE, fps: 12, text: 'CAMERA' });
  screen = new SyntheticCamera({ name: 's', source: 'screen', ...HIGH, fps: 12, text: 'SCREEN' });
  await Promise.all([camera.start(), screen.start()]);
});
afterEach(endStages);
afterAll(async () => {
  await stagesEnded();
  await Promise.all([camera.stop(), screen.stop()]);
});

const ofCamera = ({ width }: { width: number }) => width === WIDE.width;
const ofScreen = ({ width }: { width: number }) => width === HIGH.width;

/** Share of white in the corner of the caption, from its letters. */
async function captionShare(data: Buffer): Promise<number> {
  const corner = await sharp(data)
    .extract({ left: 0, top: 0, width: 112, height: 30 })
    .greyscale()
    .raw()
    .toBuffer();
  return corner.filter((level) => level > 200).length / corner.length;
}

/** The text in the conversation item of a picture. */
function textBeside({ messages }: RealtimeStage['fake'], { itemId }: { itemId?: string }) {
  type Item = { item?: { id?: string; content?: { text?: string }[] } };
  const { item } =
    messages.map(({ message }) => message as Item).find(({ item }) => item?.id === itemId) ?? {};
  return item?.content?.[0]?.text;
}

describe.each(PROVIDERS)('%s', (provider) => {
  test(`${provider} gets camera and screen together, each at its own rate and with its name`, async () => {
    const stage = await liveStage(provider, {
      video: {
        input: {
          sources: ['camera', 'screen'],
          sampler: voiceActivitySampler({ speakingFps: 8, silentFps: 8 }),
        },
      },
    });
    stage.publish(camera);
    stage.room.publish(USER, screen.track, TrackSource.SOURCE_SCREENSHARE);
    const untilEach = (count: number, from = 0) =>
      until(`${count} pictures of both`, () => {
        const frames = stage.fake.frames.slice(from);
        return frames.filter(ofCamera).length >= count && frames.filter(ofScreen).length >= count;
      });
    // One of them may come late.
    await untilEach(1);
    const from = stage.fake.frames.length;
    await untilEach(4, from);
    const { frames } = stage.fake;
    for (const frame of frames) {
      if (provider === 'openai')
        expect(textBeside(stage.fake, frame)).toBe(ofCamera(frame) ? 'camera:' : 'screen:');
      else expect(await captionShare(frame.data)).toBeGreaterThan(0.05);
    }
    // Fairly: neither delays the other one.
    const compared = frames.slice(from);
    const share = compared.filter(ofCamera).length / compared.length;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.75);
    expect(stage.fake.violations).toEqual([]);

    stage.video.setMode('off');
    await stage.settled();
    const before = stage.fake.frames.length;
    stage.video.setMode('sampled');
    await until('pictures of both again', () => {
      const later = stage.fake.frames.slice(before);
      return later.some(ofCamera) && later.some(ofScreen);
    });
  });
});

test.each([1, 3])(
  'the OpenAI conversation keeps %i pictures of each source: a camera that moves does not push out a still screen',
  async (keepPictures) => {
    const stage = await liveStage('openai', {
      video: {
        input: { sources: ['camera', 'screen'], sampler: never },
        realtime: { keepPictures },
      },
    });
    const publish = async ({ track, source }: TestCamera, place: number) => {
      const { sid } = stage.room.publish(USER, track, source);
      await within(
        'stream of the track',
        waitFor(
          stage.video.actor,
          ({ context }) =>
            sourceAt(context, place)?.pick?.sid === sid &&
            sourceAt(context, place)?.streamStatus === 'opening',
        ),
      );
    };
    const shows = async (media: TestCamera, kind: 'camera' | 'screen', level: number) => {
      const arrived = stage.fake.nextFrame();
      const looked = stage.video.look(kind);
      media.show(level);
      await Promise.all([looked, arrived]);
    };
    await publish(page, 1);
    await shows(page, 'screen', 2);
    await publish(face, 0);
    for (const level of [3, 4, 5, 6, 7]) await shows(face, 'camera', level);
    await stage.settled();

    const kept = (stage.fake as FakeOpenAIRealtime).pictures.map(({ width }) =>
      width === 64 ? 'screen' : 'camera',
    );
    expect(kept).toEqual(['screen', ...Array(keepPictures).fill('camera')]);
    expect(stage.fake.violations).toEqual([]);
  },
);
