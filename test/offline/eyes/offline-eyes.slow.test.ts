import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerTo } from '../../../offline/eyes/answers.ts';
import { OfflineEyes } from '../../../offline/eyes/offline-eyes.ts';
import { ThreadError } from '../../../offline/thread.ts';
import { encodeFrame } from '../../../src/index.ts';
import { Ball } from '../../../src/testing/camera/ball.ts';
import { renderScene } from '../../../src/testing/camera/scene.ts';

const { resolve } = createRequire(import.meta.url);
const COFFEE = new URL('../../../examples/testing/coffee.jpg', import.meta.url);
/** Three people who look into the camera. */
const PEOPLE = resolve('@vladmandic/face-api/demo/sample1.jpg');

let eyes: OfflineEyes;

beforeAll(async () => {
  eyes = await OfflineEyes.open();
});
afterAll(() => eyes.close());

describe('the offline eyes', () => {
  test('the eyes find a cup and its colours in a photograph', async () => {
    const sight = await eyes.look(await readFile(COFFEE));
    expect(sight.objects.map(({ name }) => name)).toContain('cup');
    expect(sight.colours).toContain('brown');
    expect(sight.faces).toEqual([]);
    expect(answerTo('Is there a cup?', sight)).toMatch(/ a cup\.$/);
  });

  test('the eyes count the faces in a photograph', async () => {
    const sight = await eyes.look(await readFile(PEOPLE));
    expect(sight.faces).toHaveLength(3);
    expect(sight.objects.map(({ name }) => name)).toContain('person');
    expect(answerTo('How many people are there?', sight)).toBe('I see 3 people and 3 faces.');
  });

  test('a disc on the wall of a room is no stop sign', async () => {
    const size = { width: 1280, height: 720 };
    const scene = await renderScene({ ...size, text: 'ZEBRA 9035', style: 'person' });
    const pixels = Uint8Array.from(scene.picture.data);
    new Ball(scene, pixels).moveTo(0);
    const frame = new VideoFrame(pixels, size.width, size.height, VideoBufferType.I420);
    const { data } = await encodeFrame(frame);
    expect((await eyes.look(Buffer.from(data))).objects).toEqual([]);
  });

  test('bytes that are no picture are refused, and the eyes go on', async () => {
    await expect(eyes.look(Buffer.from('no picture'))).rejects.toThrow();
    expect((await eyes.look(await readFile(COFFEE))).objects).not.toEqual([]);
  });

  test('closed eyes refuse a picture with the reason', async () => {
    const closed = await OfflineEyes.open();
    await closed.close();
    await expect(closed.look(await readFile(COFFEE))).rejects.toThrow(ThreadError);
  });
});
