import { expect, test } from 'vitest';
import { offsetFigures, type Sample } from '../../../src/testing/avatar/offset.ts';
import { syllables } from '../../../src/testing/avatar/syllables.ts';
import { Random } from '../../../src/testing/random.ts';

/** A mouth that opens and closes at random, for five seconds. `move` gives each time. */
function mouth(seed: number, move = (at: number) => at): Sample[] {
  const random = new Random(seed);
  const moves: Sample[] = [];
  for (let at = 0; at <= 5000; at += 50) moves.push({ at: move(at), value: random.next() });
  return moves;
}

test.each([80, -120, 0])('a picture that is %i ms late has that offset in each second', (late) => {
  const figures = offsetFigures(
    mouth(1),
    mouth(1, (at) => at + late),
  );
  const compared = Math.floor((5000 - Math.abs(late) - 600) / 1000);
  expect(figures).toEqual({
    ...{ seconds: Math.round((4400 - Math.abs(late)) / 100) / 10, compared },
    ...{ offsets: Array(compared).fill(late), medianMs: late, p95Ms: Math.abs(late) },
    growthMsPerMinute: 0,
  });
});

test('a picture that falls behind has the growth of its offset per minute', () => {
  const { offsets, growthMsPerMinute } = offsetFigures(
    mouth(1),
    mouth(1, (at) => at * 1.02),
  );
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
  // 20 ms a second, in steps of 5 ms.
  expect(growthMsPerMinute).toBeGreaterThan(1000);
  expect(growthMsPerMinute).toBeLessThan(1400);
});

test('seconds in which sound and picture are not alike are not compared', () => {
  const still = mouth(1).map(({ at }) => ({ at, value: 0.5 }));
  for (const picture of [still, mouth(2)])
    expect(offsetFigures(mouth(1), picture).compared).toBe(0);
  expect(offsetFigures([], [])).toMatchObject({ compared: 0, offsets: [] });
});

test('syllables are as long as requested, and sounds and pauses take turns', () => {
  const rate = 8000;
  const samples = syllables(1, rate, () => 0);
  expect(samples).toHaveLength(rate);
  // The shortest syllable and the shortest pause, at the lowest loudness.
  const length = 0.07 * rate;
  const peak = (from: number) => Math.max(...samples.slice(from, from + length).map(Math.abs));
  expect([0, 1, 2, 3].map((part) => peak(part * length) > 0)).toEqual([false, true, false, true]);
  expect(peak(length)).toBeGreaterThan(2400);
  expect(peak(length)).toBeLessThanOrEqual(2500);
  const signs = [...samples.slice(length, 2 * length)].map(Math.sign);
  const turns = signs.filter((sign, at) => at > 0 && sign !== signs[at - 1] && sign !== 0);
  // 220 Hz for 70 ms.
  expect(Math.abs(turns.length - 2 * 220 * 0.07)).toBeLessThan(2);
});

test('syllables are the same in each run, and irregular', () => {
  const samples = syllables(3, 1000);
  expect(samples).toEqual(syllables(3, 1000));
  expect(samples).not.toEqual(syllables(3, 1000, () => 0.5));
});
