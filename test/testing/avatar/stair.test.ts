import { expect, test } from 'vitest';
import { readLips } from '../../../src/testing/avatar/lips.ts';
import { offsetFigures, type Sample } from '../../../src/testing/avatar/offset.ts';
import {
  generatedStair,
  PITCH_COUNT,
  pitchOf,
  stair,
  stairSpeech,
  stairSteps,
} from '../../../src/testing/avatar/stair.ts';
import { syllables } from '../../../src/testing/avatar/syllables.ts';

test('a stair has a pitch for each 200 ms, which is found again, and starts again after the last', () => {
  const frames = stair(2600);
  expect(frames).toHaveLength(130);
  for (const { sampleRate, channels, samplesPerChannel } of frames)
    expect([sampleRate, channels, samplesPerChannel]).toEqual([24_000, 1, 480]);
  const pitches = frames.map(({ data }) => pitchOf(data));
  const expected = Array.from({ length: 130 }, (_, at) => Math.floor(at / 10) % PITCH_COUNT);
  expect(pitches).toEqual(expected);
  expect(PITCH_COUNT).toBe(12);
  expect(stairSteps(2600)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0]);
});

test('a quiet piece has no pitch', () => {
  const [loud] = stair(20);
  const softer = (by: number) => (loud?.data ?? new Int16Array()).map((sample) => sample / by);
  // The stair has an effective amplitude of 8485.
  expect(pitchOf(softer(14))).toBe(0);
  expect(pitchOf(softer(15))).toBeUndefined();
  expect(pitchOf(new Int16Array(480))).toBeUndefined();
});

test('a stair is a stream at once, or frame by frame at the pace of a voice', async () => {
  const whole: unknown[] = [];
  for await (const frame of stairSpeech(100)) whole.push(frame);
  expect(whole).toHaveLength(5);
  const generated: unknown[] = [];
  const from = performance.now();
  for await (const frame of generatedStair(100)) generated.push(frame);
  expect(generated).toHaveLength(5);
  // A frame each 15 ms: a timer may be early by one.
  expect(performance.now() - from).toBeGreaterThan(4 * 14);
});

test('syllables are the same for the same seed, with pauses between them', () => {
  const sound = syllables(2, 8000);
  expect(sound).toHaveLength(16_000);
  expect(syllables(2, 8000)).toEqual(sound);
  const silent = sound.filter((sample) => sample === 0).length / sound.length;
  expect(silent).toBeGreaterThan(0.25);
  expect(silent).toBeLessThan(0.75);
  // The first syllable comes after a pause of 70 ms at least.
  expect(sound.findIndex((sample) => sample !== 0)).toBeGreaterThanOrEqual(560);
  expect(Math.max(...sound)).toBeGreaterThan(2500);
  expect(Math.max(...sound)).toBeLessThanOrEqual(14_500);
  const steady = syllables(1, 1000, () => 0.5);
  const runs = [...steady].map((sample, at) => (sample === 0 && steady[at + 1] === 0 ? ' ' : 'x'));
  expect(
    runs
      .join('')
      .trim()
      .split(/ {100,}/),
  ).toHaveLength(3);
});

test('the lips of a face are open by the dark share of the mouth', () => {
  const [width, height] = [128, 128];
  const frame = (luma: number) =>
    ({ data: new Uint8Array(width * height).fill(luma), width, height }) as never;
  expect(readLips(frame(69))).toBeGreaterThan(0.9);
  expect(readLips(frame(70))).toBe(0);
});

/** A signal that never repeats, with a value each 20 ms. */
const signal = (seconds: number, lateMs: (at: number) => number): Sample[] =>
  Array.from({ length: seconds * 50 }, (_, index) => {
    const at = index * 20;
    return { at: 10_000 + at + lateMs(at), value: Math.sin(at / 97) + Math.sin(at / 61) };
  });

test('the offset of a picture is measured in each second, and above 0 it is late', () => {
  const sound = signal(6, () => 0);
  const late = offsetFigures(
    sound,
    signal(6, () => 60),
  );
  expect(late.compared).toBe(5);
  for (const offset of late.offsets) expect(Math.abs(offset - 60)).toBeLessThanOrEqual(10);
  expect(Math.abs(late.medianMs - 60)).toBeLessThanOrEqual(10);
  expect(late.growthMsPerMinute).toBeCloseTo(0, 0);
  expect(late.seconds).toBe(5.3);
  const early = offsetFigures(
    sound,
    signal(6, () => -60),
  );
  expect(early.medianMs).toBeLessThan(-45);
  expect(early.p95Ms).toBeGreaterThan(45);
});

test('an offset that grows has a slope, and unlike signals are not compared', () => {
  const sound = signal(12, () => 0);
  const growing = offsetFigures(
    sound,
    signal(12, (at) => at / 100),
  );
  expect(growing.growthMsPerMinute).toBeGreaterThan(400);
  expect(growing.growthMsPerMinute).toBeLessThan(800);
  const other = sound.map(({ at }) => ({ at, value: 1 }));
  const none = offsetFigures(sound, other);
  expect([none.compared, none.growthMsPerMinute]).toEqual([0, 0]);
});
