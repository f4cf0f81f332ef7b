import {
  dispose,
  TrackSource,
  VideoBufferType,
  type VideoFrame,
  VideoStream,
} from '@livekit/rtc-node';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { TextReader } from '../../../offline/text-reader.ts';
import {
  SyntheticCamera,
  type SyntheticCameraOptions,
} from '../../../src/testing/camera/synthetic-camera.ts';

const cameras: SyntheticCamera[] = [];
const reader = new TextReader();

afterEach(async () => {
  await Promise.all(cameras.splice(0).map((camera) => camera.stop()));
});
afterAll(async () => {
  await reader.close();
  await dispose();
});

function camera(options: Partial<SyntheticCameraOptions> = {}): SyntheticCamera {
  const made = new SyntheticCamera({
    name: 'test',
    source: 'camera',
    width: 640,
    height: 360,
    fps: 20,
    text: 'ZEBRA 9035',
    ...options,
  });
  cameras.push(made);
  return made;
}

/** Frames of the camera's track as a subscriber gets them, and the way to stop. */
function frames(of: SyntheticCamera) {
  const stream = new VideoStream(of.track as ConstructorParameters<typeof VideoStream>[0]);
  const frameReader = stream.getReader();
  return {
    async next(): Promise<VideoFrame> {
      const { value, done } = await frameReader.read();
      if (done) throw new Error('the stream ended');
      return value.frame;
    },
    end: () => frameReader.cancel(),
  };
}

async function readText(frame: VideoFrame): Promise<string> {
  const { data, width, height } = frame.convert(VideoBufferType.RGBA);
  const jpeg = await sharp(data, { raw: { width, height, channels: 4 } })
    .jpeg({ quality: 75 })
    .toBuffer();
  return reader.read(jpeg);
}

describe('SyntheticCamera', () => {
  test.each([
    ['camera', 'person'],
    ['screen', 'slide'],
    ['screen', 'document'],
  ] as const)('a %s of a %s can be read after JPEG', async (source, style) => {
    const shown = camera({ source, style, text: 'Otter 3826' });
    await shown.start();
    const subscriber = frames(shown);
    expect(await readText(await subscriber.next())).toBe('OTTER 3826');
    await subscriber.end();
  });

  test('says what it is', () => {
    expect(camera().trackSource).toBe(TrackSource.SOURCE_CAMERA);
    expect(camera({ source: 'screen' }).trackSource).toBe(TrackSource.SOURCE_SCREENSHARE);
  });

  test('no two frames are the same, and each has the size asked for', async () => {
    const shown = camera();
    await shown.start();
    const subscriber = frames(shown);
    const first = await subscriber.next();
    await subscriber.next();
    const third = await subscriber.next();
    expect([first.width, first.height, first.type]).toEqual([640, 360, VideoBufferType.I420]);
    expect(Buffer.compare(first.data, third.data)).not.toBe(0);
    await subscriber.end();
  });

  test('shows the newest of two texts set at the same time', async () => {
    const shown = camera();
    await shown.start();
    await Promise.all([shown.setText('YAK 1'), shown.setText('FALCON 2')]);
    expect(shown.text).toBe('FALCON 2');
    const subscriber = frames(shown);
    expect(await readText(await subscriber.next())).toBe('FALCON 2');
    await subscriber.end();
  });

  test('sends nothing while paused', async () => {
    const shown = camera();
    const other = camera();
    await Promise.all([shown.start(), other.start()]);
    shown.pause();
    const sent = shown.frames;
    const clock = frames(other);
    for (let count = 0; count < 4; count += 1) await clock.next();
    expect(shown.frames).toBe(sent);
    shown.resume();
    const subscriber = frames(shown);
    await subscriber.next();
    expect(shown.frames).toBeGreaterThan(sent);
    await Promise.all([subscriber.end(), clock.end()]);
  });

  test('names a letter that it cannot draw', async () => {
    await expect(camera({ text: 'ÄPFEL' }).start()).rejects.toThrow('no letter for "Ä"');
  });

  test('ends before it began, in the middle of a drawing, and twice', async () => {
    const never = camera();
    await never.stop();
    expect(() => never.track).toThrow('once start() is done');
    const drawing = camera();
    const started = drawing.start();
    await Promise.all([drawing.stop(), drawing.stop(), started]);
    expect(drawing.frames).toBe(0);
    await drawing.setText('YAK 1');
    drawing.resume();
    await drawing.start();
    expect(drawing.frames).toBe(0);
  });
});
