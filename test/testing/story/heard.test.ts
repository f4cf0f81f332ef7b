import { describe, expect, test } from 'vitest';
import { heardBreaks } from '../../../src/testing/story/heard.ts';
import type { Speech } from '../../../src/testing/story/record.ts';

const T0 = 1_000_000;
const whole = (ms: number, at = T0): Speech => ({ step: 2, at, ms, doneAt: at + ms });
const cut = (ms: number, after: number, at = T0): Speech => ({
  ...whole(ms, at),
  cutOff: { at: at + after, by: 'bargeIn' },
});
const soundAt = (at: number) => ({ at, from: 'face', pitch: 0 });

/** What is said about these steps, with the last sound at that time. */
const broken = (speeches: readonly Speech[], steps: readonly number[], lastSound = T0) =>
  heardBreaks(speeches, { steps, sounds: [soundAt(lastSound)] }, () => 0).map(
    ({ message }) => message,
  );

describe('heardBreaks', () => {
  test.each<[string, Speech[], number[]]>([
    ['a speech that is heard whole', [whole(600)], [0, 1, 2]],
    ['two speeches, one after the other', [whole(600), whole(400)], [0, 1, 2, 0, 1]],
    ['the beginning of a speech that is cut off', [cut(800, 300), whole(400)], [0, 1, 0, 1]],
    ['nothing of a speech that is cut off', [cut(800, 0), whole(400)], [0, 1]],
    ['one step of a speech that is cut off, before another', [cut(800, 9), whole(400)], [0, 1]],
    ['no speech', [], []],
  ])('the promise of speech is kept: %s', (_, speeches, steps) => {
    expect(broken(speeches, steps)).toEqual([]);
  });

  test.each<[string, Speech[], number[]]>([
    ['a step that is left out', [whole(600)], [0, 2]],
    ['a step that is heard again', [whole(600)], [0, 1, 0, 1, 2]],
    ['an end that is left out', [whole(600)], [0, 1]],
    ['a speech that is left out', [cut(800, 300), whole(400), whole(600)], [0, 1, 2]],
    ['speeches in the wrong order', [whole(400), whole(600)], [0, 1, 2, 0, 1]],
    ['a sound without a speech', [], [0]],
  ])('the promise of speech is broken: %s', (_, speeches, steps) => {
    expect(broken(speeches, steps)).toHaveLength(1);
  });

  test('a step may be lost if an avatar is lost while the process is held up', () => {
    const speech = { ...whole(1200), isTakenOver: true };
    const lost = { steps: [0, 1, 3, 4, 5], sounds: [] };
    expect(heardBreaks([speech], lost, () => 0)).toHaveLength(1);
    expect(heardBreaks([speech], lost, () => 80)).toEqual([]);
    expect(heardBreaks([speech], { steps: [0, 1, 5], sounds: [] }, () => 80)).toHaveLength(1);
  });

  test('a speech is heard for a second after its interruption at most', () => {
    expect(broken([cut(2400, 300)], [0, 1], T0 + 1200)).toEqual([]);
    expect(broken([cut(2400, 300)], [0, 1], T0 + 1400)).toEqual([
      'heard for 1100 ms after bargeIn',
    ]);
  });

  test('a speech is heard 4.5 seconds after its start at the latest', () => {
    expect(broken([whole(400)], [0, 1], T0 + 4400)).toEqual([]);
    expect(broken([whole(400)], [0, 1], T0 + 4600)).toEqual([
      'it was silent for 4600 ms before it was heard',
    ]);
  });

  test('a busy machine gives an interrupted speech longer', () => {
    const heard = { steps: [0, 1], sounds: [soundAt(T0 + 1400)] };
    expect(heardBreaks([cut(2400, 300)], heard, () => 100)).toEqual([]);
  });
});
