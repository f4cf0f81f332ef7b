import { expect, test } from 'vitest';
import { Mouth, mouthOpening } from '../../../src/avatar/worker/mouth.ts';

/** A sound of this loudness, in dB of full scale. */
const sound = (db: number, length = 10) =>
  new Int16Array(length).map((_, at) => (at % 2 ? -1 : 1) * 32_768 * 10 ** (db / 20));

test('a mouth opens with the loudness, in equal steps for equal steps in dB', () => {
  const openings = [-60, -48, -39.5, -31, -22.5, -14, -3].map((db) => mouthOpening(sound(db)));
  const expected = [0, 0, 0.25, 0.5, 0.75, 1, 1];
  expect(openings).toEqual(expected.map((value) => expect.closeTo(value, 2)));
  expect(mouthOpening(sound(-31, 480))).toBeCloseTo(0.5, 2);
});

test('a mouth is shut at silence and without sound', () => {
  expect(mouthOpening(new Int16Array(10))).toBe(0);
  expect(mouthOpening(new Int16Array(0))).toBe(0);
  // The quietest sound that there is, -90 dB.
  expect(mouthOpening(Int16Array.of(1, -1))).toBe(0);
});

test('a mouth opens at once, and closes from any opening within 120 ms', () => {
  const mouth = new Mouth();
  expect(mouth.move(1, 40)).toBe(1);
  expect(mouth.move(0, 30)).toBeCloseTo(0.75);
  expect(mouth.move(0, 60)).toBeCloseTo(0.25);
  expect(mouth.move(0.6, 10)).toBe(0.6);
  expect(mouth.move(0.59, 60)).toBe(0.59);
  expect(mouth.move(0, 120)).toBe(0);
});
