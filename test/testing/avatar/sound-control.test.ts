import { describe, expect, test } from 'vitest';
import type { Sound } from '../../../src/testing/avatar/ears.ts';
import { SoundControl, soundLosses } from '../../../src/testing/avatar/sound-control.ts';

const T0 = 1_000_000;
/** Pieces of a step. */
const STEP = 10;

/** A stair without an end: the pitch of the piece with this number, 20 ms after the one before. */
const piece = (number: number, lateMs = 0): Sound => ({
  at: T0 + number * 20 + lateMs,
  from: 'control',
  pitch: Math.floor(number / STEP) % 12,
});
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);
const stair = (from: number, to: number) => numbers(from, to).map((number) => piece(number));
const end = (sounds: readonly Sound[]) => sounds.at(-1)?.at ?? T0;

describe('soundLosses', () => {
  test('a stair that is heard whole has no losses, however often it starts again', () => {
    const sounds = stair(0, 300);
    expect(soundLosses(sounds, end(sounds))).toEqual([]);
  });

  test('a piece between two steps may count for either of them', () => {
    const sounds = stair(0, 60).map((sound, number) =>
      number === 20 ? { ...sound, pitch: 1 } : sound,
    );
    expect(soundLosses(sounds, end(sounds))).toEqual([]);
  });

  test.each<[string, Sound[]]>([
    ['a part of a step is lost', [...stair(0, 22), ...stair(27, 60)]],
    ['a step is lost', [...stair(0, 20), ...stair(30, 60)]],
    [
      'pieces change places',
      [...stair(0, 18), ...stair(22, 24), ...stair(18, 22), ...stair(24, 60)],
    ],
  ])('a loss is found where %s', (_, sounds) => {
    const losses = soundLosses(sounds, end(sounds));
    expect(losses.length).toBeGreaterThan(0);
    for (const { from, to } of losses) {
      expect(from).toBeGreaterThanOrEqual(T0 + 200);
      expect(to).toBeLessThanOrEqual(T0 + 800);
    }
  });

  test('sound that stops for a while is a loss, even if all of it comes later', () => {
    const late = numbers(20, 60).map((number) => piece(number, 600));
    const gap = { from: T0 + 19 * 20, to: T0 + 20 * 20 + 600 };
    expect(soundLosses([...stair(0, 20), ...late], T0 + 1800)).toEqual([gap]);
    expect(soundLosses(stair(0, 20), T0 + 1000)).toEqual([{ from: T0 + 19 * 20, to: T0 + 1000 }]);
    expect(soundLosses([], T0)).toHaveLength(1);
  });
});

test('a sound control is whole only after it was heard', async () => {
  const control = new SoundControl();
  const before = Date.now();
  expect(control.isWhole(before, before)).toBe(false);
  await control.start();
  await control.close();
  await control.close();
  expect(control.isWhole(0, before - 1000)).toBe(true);
});
