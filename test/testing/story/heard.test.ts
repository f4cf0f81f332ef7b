import { describe, expect, test } from 'vitest';
import { heardBreaks, measuredSpeeches } from '../../../src/testing/story/heard.ts';
import type { Speech } from '../../../src/testing/story/record.ts';

const T0 = 1_000_000;
const whole = (ms: number, at = T0): Speech => ({ step: 2, at, ms, doneAt: at + ms });
const cut = (ms: number, after: number, at = T0): Speech => ({
  ...whole(ms, at),
  cutOff: { at: at + after, by: 'bargeIn' },
});
const missed = (ms: number, at = T0): Speech => ({ ...whole(ms, at), isMissed: true });
const soundAt = (at: number) => ({ at, from: 'face', pitch: 0 });

const isWhole = () => true;

/** What is said about these steps, with the last sound at that time. */
const broken = (speeches: readonly Speech[], steps: readonly number[], lastSound = T0) =>
  heardBreaks(speeches, { steps, sounds: [soundAt(lastSound)], isWhole }, () => 0).map(
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
    ['the beginning and the end of a speech that the user missed', [missed(1200)], [0, 1, 4, 5]],
    ['a step whose middle the user missed', [missed(1200)], [0, 1, 2, 2, 3, 4, 5]],
    ['nothing of a speech that the user missed', [missed(800), whole(400)], [0, 1]],
    [
      'the end of a speech that the user missed before it was cut off',
      [{ ...missed(1200), cutOff: { at: T0 + 1000, by: 'bargeIn' } }, whole(400)],
      [0, 3, 4, 0, 1],
    ],
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
    ['a step that is heard again after the user missed it', [missed(1200)], [0, 1, 2, 3, 2, 3]],
    ['a speech that is left out behind one that the user missed', [missed(800), whole(400)], [0]],
  ])('the promise of speech is broken: %s', (_, speeches, steps) => {
    expect(broken(speeches, steps)).toHaveLength(1);
  });

  test('a step may be lost if an avatar is lost while the process is held up', () => {
    const speech = { ...whole(1200), isTakenOver: true };
    const lost = { steps: [0, 1, 3, 4, 5], sounds: [], isWhole };
    expect(heardBreaks([speech], lost, () => 0)).toHaveLength(1);
    expect(heardBreaks([speech], lost, () => 80)).toEqual([]);
    expect(heardBreaks([speech], { ...lost, steps: [0, 1, 5] }, () => 80)).toHaveLength(1);
  });

  test('many speeches that were missed and cut off are explained without a search of all ways', () => {
    const speeches = Array.from({ length: 8 }, (_, index) => ({
      ...missed(2400, T0 + 10_000 * index),
      cutOff: { at: T0 + 10_000 * index + 2000, by: 'bargeIn' },
    }));
    const steps = speeches.flatMap(() => [0, 1, 2, 3]);
    const judge = (heard: number[]) =>
      heardBreaks(speeches, { steps: heard, sounds: [], isWhole }, () => 0).length;
    expect(judge(steps)).toBe(0);
    expect(judge([...steps, 99])).toBe(1);
  });

  describe('while the machine loses sound', () => {
    const lost = whole(600, T0 + 10_000);
    const speeches = [whole(400), lost, { ...lost, at: T0 + 15_000 }, whole(600, T0 + 20_000)];
    /** The machine loses sound during the second and the third speech. */
    const hearing = (...steps: number[]) => ({
      steps,
      sounds: [0, 20_000].map((after) => soundAt(T0 + after + 1)),
      isWhole: (from: number) => from < T0 + 10_000 || from >= T0 + 20_000,
    });

    test('a speech during which the machine loses sound is not judged', () => {
      expect(measuredSpeeches(speeches, hearing()).size).toBe(2);
      for (const any of [[0, 1, 2, 0, 1, 2], [2, 1, 7], [0], []])
        expect(heardBreaks(speeches, hearing(0, 1, ...any, 0, 1, 2), () => 0)).toEqual([]);
    });

    test('the speeches before and after the loss of sound are judged', () => {
      for (const steps of [[0, 1, 0, 1, 2, 0, 1], [0, 0, 1, 2, 0, 1, 2], []])
        expect(heardBreaks(speeches, hearing(...steps), () => 0)).toHaveLength(1);
    });

    test('a speech is measured until its end has reached the user', () => {
      const until: number[] = [];
      const judge = (...said: Speech[]) =>
        measuredSpeeches(said, { isWhole: (_, to) => until.push(to - T0) > 0 });
      judge(whole(600), cut(600, 400), { step: 2, at: T0, ms: 600 });
      expect(until).toEqual([1100, 1900, Number.POSITIVE_INFINITY]);
    });
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
    const heard = { steps: [0, 1], sounds: [soundAt(T0 + 1400)], isWhole };
    expect(heardBreaks([cut(2400, 300)], heard, () => 100)).toEqual([]);
  });
});
