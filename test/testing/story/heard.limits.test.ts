import { expect, test } from 'vitest';
import { heardBreaks } from '../../../src/testing/story/heard.ts';
import type { Speech } from '../../../src/testing/story/record.ts';

const T0 = 1_000_000;
const whole = (ms: number, at = 0): Speech => ({ step: 2, at: T0 + at, ms, doneAt: T0 + at + ms });
const cut = (ms: number, after: number): Speech => ({
  ...whole(ms),
  cutOff: { at: T0 + after, by: 'bargeIn' },
});
/** The messages about these speeches, with sounds at these times and stalls of this length. */
const broken = (
  speeches: readonly Speech[],
  steps: readonly number[],
  sounds: readonly number[],
  stalled: number | ((from: number, to: number) => number) = 0,
  isWhole: (from: number, to: number) => boolean = () => true,
) => {
  const heard = sounds.map((at) => ({ at: T0 + at, from: 'face', pitch: 0 }));
  const stalledMs = typeof stalled === 'number' ? () => stalled : stalled;
  const breaks = heardBreaks(speeches, { steps, sounds: heard, isWhole }, stalledMs);
  return breaks.map(({ message }) => message);
};

test('a stall gives the beginning of a speech twice its length', () => {
  expect(broken([whole(400)], [0, 1], [4600], 50)).toEqual([]);
  expect(broken([whole(400)], [0, 1], [4601], 50)).toHaveLength(1);
});

test('a speech begins after the end of the one before it', () => {
  const speeches = [whole(400), whole(400, 100)];
  expect(broken(speeches, [0, 1, 0, 1], [1, 4800])).toEqual([]);
  expect(broken(speeches, [0, 1, 0, 1], [1, 4901])).toHaveLength(1);
});

test('a speech that was cut off may not have begun, and must not begin later', () => {
  expect(broken([cut(2400, 300)], [0, 1], [6000])).toEqual(['heard for 5700 ms after bargeIn']);
  expect(broken([cut(2400, 300)], [], [])).toEqual([]);
});

test('a stall gives the end of a speech twice its length', () => {
  expect(broken([cut(2400, 300)], [0, 1], [1500], 100)).toEqual([]);
  expect(broken([cut(2400, 300)], [0, 1], [1501], 100)).toHaveLength(1);
});

test('the sounds of the next speech do not count for one that was cut off', () => {
  const speeches = [cut(2400, 300), whole(400, 1500)];
  expect(broken(speeches, [0, 1, 0, 1], [1200, 1500, 1600])).toEqual([]);
  expect(broken(speeches, [0, 1, 0, 1], [1400, 1600])).toEqual(['heard for 1100 ms after bargeIn']);
});

test('anything may be heard of speeches that are not measured, also at the end', () => {
  const isWhole = (from: number) => from < T0 + 5000;
  const lost = whole(400, 5000);
  expect(broken([whole(400), lost], [0, 1, 7, 7], [1], 0, isWhole)).toEqual([]);
  expect(broken([whole(400), lost], [0, 7], [1], 0, isWhole)).toEqual([
    'the user heard 0,7; said: 0,1; 0,1 (not measured)',
  ]);
  const later = { ...cut(800, 0), at: T0 + 20 };
  expect(broken([whole(400), later], [7], [1], 0, (from) => from !== T0)).toEqual([]);
});

test('steps are lost only with an avatar that was lost, by twice the length of the stalls', () => {
  const takenOver = { ...whole(1200), isTakenOver: true };
  const [one, two] = [
    [0, 1, 3, 4, 5],
    [0, 3, 4, 5],
  ];
  expect(broken([whole(1200)], one, [1], 80)).toHaveLength(1);
  expect(broken([takenOver], two, [1], 100)).toHaveLength(1);
  expect(broken([takenOver], two, [1], 101)).toEqual([]);
  const until = (end: number) => (_: number, to: number) => (to === T0 + end ? 80 : 0);
  expect(broken([{ ...takenOver, doneAt: T0 + 1300 }], one, [1], until(1300))).toEqual([]);
  const { doneAt: _, ...open } = takenOver;
  expect(broken([open], one, [1], until(1200))).toEqual([]);
});

test('a break of what was said names each speech and how it ended', () => {
  const [message] = broken([cut(800, 300), whole(400, 1500)], [3], [1]);
  expect(message).toBe('the user heard 3; said: 0,1,2,3 cut off by bargeIn; 0,1');
});
