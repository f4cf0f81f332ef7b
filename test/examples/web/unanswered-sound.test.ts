import { expect, test } from 'vitest';
import { UnansweredSound } from '../../../examples/web/unanswered-sound.ts';

const STEP_MS = 100;

/** Whether the user waits for an answer at the end, after sounds of a loudness and a length. */
function waits(...sounds: [loudness: number, ms: number][]): boolean {
  const sound = new UnansweredSound();
  let at = 0;
  let result = false;
  for (const [loudness, ms] of sounds)
    for (const end = at + ms; at < end; at += STEP_MS) result = sound.heard(loudness, at);
  return result;
}

test('a question of two seconds that no message follows is unanswered after some seconds', () => {
  expect(waits([0, 1000], [0.3, 2000], [0, 7000])).toBe(false);
  expect(waits([0, 1000], [0.3, 2000], [0, 9000])).toBe(true);
});

test.each<[string, [number, number][]]>([
  ['silence', [[0, 60_000]]],
  ['the noise of a room', [[0.08, 60_000]]],
  [
    'a knock',
    [
      [0.5, 200],
      [0, 60_000],
    ],
  ],
  [
    'one knock after the other',
    [
      [0.5, 300],
      [0, 20_000],
      [0.5, 300],
      [0, 20_000],
    ],
  ],
  ['speech that goes on', [[0.3, 60_000]]],
])('%s needs no answer', (_, sounds) => {
  expect(waits(...sounds)).toBe(false);
});
