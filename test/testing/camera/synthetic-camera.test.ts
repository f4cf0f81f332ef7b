import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TrackSource, VideoBufferType, type VideoFrame, VideoStream } from '@livekit/rtc-node';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { TextReader } from '../../../offline/text-reader.ts';
import {
  SyntheticCamera,
  type SyntheticCameraOptions,
} from '../../../src/testing/camera/synthetic-camera.ts';
import { TYPESCRIPT } from '../../../src/testing/processes/typescript.ts';

const cameras: SyntheticCamera[] = [];
const reader = new TextReader();

afterEach(async () => {
  await Promise.all(cameras.splice(0).map((camera) => camera.stop()));
});
afterAll(() => reader.close());

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

/** Frames of the camera's track as a subscriber gets them, and a function to stop. */
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
  ] as const)(
    'SyntheticCamera draws a %s of a %s that can be read after JPEG',
    async (source, style) => {
      const shown = camera({ source, style, text: 'Otter 3826' });
      await shown.start();
      const subscriber = frames(shown);
      expect(await readText(await subscriber.next())).toBe('OTTER 3826');
      await subscriber.end();
    },
  );

  test('SyntheticCamera reports its text', () => {
    expect(camera().trackSource).toBe(TrackSource.SOURCE_CAMERA);
    expect(camera({ source: 'screen' }).trackSource).toBe(TrackSource.SOURCE_SCREENSHARE);
  });

  test('SyntheticCamera never repeats a frame, and each has the requested size', async () => {
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

  test('SyntheticCamera shows the newer of two texts that are set at the same time', async () => {
    const shown = camera();
    await shown.start();
    await Promise.all([shown.setText('YAK 1'), shown.setText('FALCON 2')]);
    expect(shown.text).toBe('FALCON 2');
    const subscriber = frames(shown);
    expect(await readText(await subscriber.next())).toBe('FALCON 2');
    await subscriber.end();
  });

  test('SyntheticCamera sends nothing while it is paused', async () => {
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

  test('SyntheticCamera names a letter that it cannot draw', async () => {
    await expect(camera({ text: 'ÄPFEL' }).start()).rejects.toThrow('no letter for "Ä"');
  });

  test('SyntheticCamera shows the same letters on a machine without a font', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fonts-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const FONTCONFIG_FILE = join(folder, 'none.conf');
    await writeFile(FONTCONFIG_FILE, '<fontconfig/>');
    const letters = new URL('../../../src/testing/camera/letters.ts', import.meta.url).href;
    const code = `
      import { textInBox } from '${letters}';
      const box = { left: 0, top: 0, width: 520, height: 230 };
      const [{ input, raw }] = await textInBox('OTTER 3826', box, '#000');
      console.log(JSON.stringify({ ...raw, pixels: input.toString('base64') }));
    `;
    const draw = async (env: NodeJS.ProcessEnv) => {
      const args = [...TYPESCRIPT, '--input-type=module', '--eval', code];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        env: { ...process.env, ...env },
        maxBuffer: 8 * 1024 * 1024,
      });
      const { pixels, ...size } = JSON.parse(stdout);
      return { size, data: Buffer.from(pixels, 'base64') };
    };
    const [here, there] = [await draw({}), await draw({ FONTCONFIG_FILE })];
    // Settings of a machine move an edge by less than a pixel.
    expect(Math.abs(here.size.width - there.size.width)).toBeLessThanOrEqual(8);
    expect(there.size.height).toBe(here.size.height);
    const picture = sharp(there.data, { raw: there.size }).flatten({ background: 'white' });
    const sheet = { top: 40, bottom: 40, left: 40, right: 40, background: 'white' };
    expect(await reader.read(await picture.extend(sheet).png().toBuffer())).toBe('OTTER 3826');
  });

  test('SyntheticCamera can end before its start, during a drawing, and twice', async () => {
    const never = camera();
    await never.stop();
    expect(() => never.track).toThrow('a camera has no track before start()');
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
