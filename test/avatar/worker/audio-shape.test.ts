import { voice } from '@livekit/agents';
import { AudioFrame, AudioResampler } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import type { SpeechItem } from '../../../src/avatar/worker/audio-receiver.ts';
import { AudioShape } from '../../../src/avatar/worker/audio-shape.ts';

const RATE = 24_000;
const PIECE_MS = 20;

const shapes: AudioShape[] = [];
afterEach(() => {
  for (const shape of shapes.splice(0)) shape.close();
  vi.restoreAllMocks();
});

function shapeOf(channels = 1): AudioShape {
  const shape = new AudioShape({ sampleRate: RATE, channels });
  shapes.push(shape);
  return shape;
}

/** Speech of one loudness, in frames of 20 ms. */
function speech(ms: number, sampleRate: number): AudioFrame[] {
  const samples = (sampleRate * PIECE_MS) / 1000;
  return Array.from(
    { length: ms / PIECE_MS },
    () => new AudioFrame(new Int16Array(samples).fill(1000), sampleRate, 1, samples),
  );
}

/** Duration of the frames, in ms. */
const lengthOf = (items: readonly SpeechItem[]): number =>
  items.reduce<number>((sum, item) => {
    if (!(item instanceof AudioFrame)) return sum;
    return sum + (item.samplesPerChannel / item.sampleRate) * 1000;
  }, 0);

test('a segment of another sample rate keeps its length, and its mark is last', () => {
  const shape = shapeOf();
  const items = [...speech(400, RATE / 3), new voice.AudioSegmentEnd()].flatMap((item) =>
    shape.of(item),
  );
  expect(lengthOf(items)).toBeCloseTo(400, 0);
  expect(items.at(-1)).toBeInstanceOf(voice.AudioSegmentEnd);
});

test('a change of the sample rate loses nothing of the speech before', () => {
  const shape = shapeOf();
  const items = [
    ...[...speech(200, RATE / 3), ...speech(200, RATE / 2), ...speech(200, RATE)],
  ].flatMap((item) => shape.of(item));
  expect(lengthOf(items)).toBeCloseTo(600, 0);
});

test('each segment of another sample rate has a resampler of its own, which is released', () => {
  const close = vi.spyOn(AudioResampler.prototype, 'close');
  const shape = shapeOf();
  for (let segment = 1; segment <= 2; segment++) {
    for (const item of [...speech(40, RATE / 3), new voice.AudioSegmentEnd()]) shape.of(item);
    expect(close).toHaveBeenCalledTimes(segment);
  }
  expect(new Set(close.mock.contexts).size).toBe(2);
});

test('speech that was cleared is not heard before the next segment', () => {
  const shape = shapeOf();
  for (const frame of speech(200, RATE / 3)) shape.of(frame);
  shape.reset();
  expect(shape.of(new voice.AudioSegmentEnd())).toHaveLength(1);
});

test('stereo speech is as loud on a mono track, and mono speech on a stereo track', () => {
  const stereo = new AudioFrame(Int16Array.from([1000, 3000, -20_000, -30_000]), RATE, 2, 2);
  const [mono] = shapeOf(1).of(stereo) as AudioFrame[];
  expect([...(mono?.data ?? [])]).toEqual([2000, -25_000]);
  const [twice] = shapeOf(2).of(mono as AudioFrame) as AudioFrame[];
  expect([...(twice?.data ?? [])]).toEqual([2000, 2000, -25_000, -25_000]);
});
