import { voice } from '@livekit/agents';
import { AudioFrame, type VideoFrame } from '@livekit/rtc-node';
import { expect, test, vi } from 'vitest';
import type { Lids } from '../../../src/avatar/worker/blink.ts';
import { FaceGenerator } from '../../../src/avatar/worker/face-generator.ts';
import type { FacePictures } from '../../../src/avatar/worker/face-pictures.ts';

/** A generator whose pictures are the opening of the mouth. */
function stage(format: Partial<{ fps: number; sampleRate: number; channels: number }> = {}) {
  const { fps = 30, sampleRate = 1000, channels = 1 } = format;
  const lids: Lids[] = [];
  const pictures = {
    at: (mouth: number, eyes: Lids) => {
      lids.push(eyes);
      return { mouth } as unknown as VideoFrame;
    },
  };
  const generator = new FaceGenerator(pictures as unknown as FacePictures, {
    ...{ width: 16, height: 16, fps, sampleRate, channels },
  });
  const items = generator[Symbol.asyncIterator]();
  /** The next item: `picture`, the samples for each channel, or `end`. */
  const next = async () => {
    const { done, value } = await items.next();
    if (done) return 'closed';
    if (value instanceof AudioFrame) return value.samplesPerChannel;
    return value instanceof voice.AudioSegmentEnd ? 'end' : 'picture';
  };
  const mouth = async () => {
    const { value } = await items.next();
    return (value as unknown as { mouth: number }).mouth;
  };
  return { generator, next, mouth, lids };
}

const speech = (length: number, { channels = 1, value = 20_000 } = {}) =>
  new AudioFrame(new Int16Array(length * channels).fill(value), 1000, channels, length);

test('each picture comes before its speech, and no part of a sample is lost over time', async () => {
  const { generator, next } = stage();
  void generator.pushAudio(speech(200));
  const items: unknown[] = [];
  for (let picture = 0; picture < 4; picture++) items.push(await next(), await next());
  // 1000 / 30 = 33.3 samples for each picture.
  expect(items).toEqual(['picture', 33, 'picture', 33, 'picture', 34, 'picture', 33]);
});

test('a picture of stereo speech takes the samples of both channels', async () => {
  const { generator, next } = stage({ channels: 2, fps: 10 });
  void generator.pushAudio(speech(150, { channels: 2 }));
  void generator.pushAudio(new voice.AudioSegmentEnd());
  expect([await next(), await next()]).toEqual(['picture', 100]);
  expect([await next(), await next(), await next()]).toEqual(['picture', 50, 'end']);
  expect([await next(), await next()]).toEqual(['picture', 'picture']);
});

test('the mouth opens with the speech and closes after it', async () => {
  const { generator, mouth, next } = stage({ fps: 25 });
  expect(await mouth()).toBe(0);
  void generator.pushAudio(speech(40));
  void generator.pushAudio(new voice.AudioSegmentEnd());
  expect(await mouth()).toBe(1);
  expect([await next(), await next()]).toEqual([40, 'end']);
  // It closes in 120 ms, which are three pictures of 40 ms.
  const closing = [await mouth(), await mouth(), await mouth()];
  expect(closing).toEqual([expect.closeTo(2 / 3), expect.closeTo(1 / 3), expect.closeTo(0)]);
});

test('a clear between a picture and its speech drops the speech and its mark', async () => {
  const { generator, next } = stage({ fps: 10 });
  void generator.pushAudio(speech(50));
  void generator.pushAudio(new voice.AudioSegmentEnd());
  expect(await next()).toBe('picture');
  generator.clearBuffer();
  expect([await next(), await next()]).toEqual(['picture', 'picture']);
  void generator.pushAudio(speech(30));
  void generator.pushAudio(new voice.AudioSegmentEnd());
  expect([await next(), await next(), await next()]).toEqual(['picture', 30, 'end']);
});

test('a clear drops the speech that waits for the next pictures', async () => {
  const { generator, next } = stage({ fps: 10 });
  void generator.pushAudio(speech(300));
  expect([await next(), await next()]).toEqual(['picture', 100]);
  generator.clearBuffer();
  expect([await next(), await next()]).toEqual(['picture', 'picture']);
});

test('one second of stereo speech may wait, as of mono speech', async () => {
  const { generator } = stage({ channels: 2 });
  let pushed = 0;
  const push = (length: number) =>
    generator.pushAudio(speech(length, { channels: 2 })).then(() => (pushed += 1));
  void push(999);
  await new Promise(setImmediate);
  expect(pushed).toBe(1);
  void push(1);
  await new Promise(setImmediate);
  expect(pushed).toBe(1);
  generator.clearBuffer();
});

test('the eyes of a face blink by the time of its pictures', async () => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  const { next, lids } = stage({ fps: 25 });
  // The shortest rest is 1800 ms, which are 45 pictures.
  for (let picture = 1; picture <= 50; picture++) await next();
  random.mockRestore();
  expect(lids.join('')).toMatch(/^0{45}1+2+1/);
});

test('a clear between speech and its mark drops the mark, and ends a wait for space', async () => {
  const { generator, next } = stage({ fps: 1 });
  let pushed = false;
  const push = generator.pushAudio(speech(1000)).then(() => {
    pushed = true;
  });
  void generator.pushAudio(new voice.AudioSegmentEnd());
  await new Promise(setImmediate);
  // One second of speech may wait.
  expect(pushed).toBe(false);
  expect([await next(), await next()]).toEqual(['picture', 1000]);
  generator.clearBuffer();
  await push;
  expect(await next()).toBe('picture');
});

test('after the close, the iteration ends', async () => {
  const { generator, next } = stage();
  expect(await next()).toBe('picture');
  generator.aclose();
  expect(await next()).toBe('closed');
});
