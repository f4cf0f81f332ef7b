import { afterEach, describe, expect, test } from 'vitest';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import type { AvatarFaults } from '../../../src/testing/avatar/test-avatar.ts';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import { Stalls } from '../../../src/testing/story/stalls.ts';
import { inWord, newest, stageWith } from '../../support/avatar/loopback-avatar.ts';
import { type AvatarStage, endStages } from '../../support/avatar/stage.ts';
import { measured } from '../../support/measured.ts';

afterEach(endStages);

/**
 * Expects that a speech was heard whole. The last sound of a lost avatar is not known exactly while
 * this process stalls, so a step may then be missing: the speech was not measured.
 */
function heardWhole({ ears }: AvatarStage, ms: number, stalledMs: number): string | undefined {
  const whole = stairSteps(ms);
  if (ears.steps.length < whole.length && stalledMs > 0)
    return `${ears.steps} of ${whole.length} steps were heard, with stalls of ${stalledMs} ms`;
  expect(ears.steps).toEqual(whole);
  return undefined;
}

type Parts = Awaited<ReturnType<typeof stageWith>> & { from: number; stalledMs: () => number };

/** Plays a speech whose avatar is lost, until it is measured. Only stalls from the stage on count. */
const takenOver = (play: (parts: Parts) => Promise<string | undefined>) =>
  measured(async () => {
    const parts = await stageWith();
    const from = Date.now();
    const stalls = new Stalls();
    try {
      return await play({ ...parts, from, stalledMs: () => stalls.between(from, Date.now()) });
    } finally {
      stalls.stop();
    }
  });

describe('a TestAvatar in a loopback room', () => {
  test('a TestAvatar that dies during a word is replaced by the voice, which says the rest', () =>
    takenOver(async ({ stage, made, from, stalledMs }) => {
      const { speech } = await inWord(stage, 3000);
      await newest(made).die();
      await speech.waitForPlayout();
      await stage.quiet();
      expect(stage.ears.speakers(from)).toEqual([FACE, AGENT]);
      expect(stage.told[1]).toBe('lost: it is silent');
      return heardWhole(stage, 3000, stalledMs());
    }));

  test('a TestAvatar that dies in silence is detected at the next answer, which is heard whole', async () => {
    const { stage, made } = await stageWith();
    expect(await stage.voices(600)).toEqual([FACE]);
    const { length } = stage.ears.steps;
    await newest(made).die();
    expect(await stage.voices(2000)).toEqual([AGENT]);
    expect(stage.ears.steps.slice(length)).toEqual(stairSteps(2000));
  });

  test('a TestAvatar that leaves during a word is replaced by the voice, and comes back', () =>
    takenOver(async ({ stage, made, stalledMs }) => {
      const { speech } = await inWord(stage, 3000);
      await newest(made).leave();
      await speech.waitForPlayout();
      await stage.untilTold('shown', 2);
      await stage.quiet();
      const lost = heardWhole(stage, 3000, stalledMs());
      expect(await stage.voices(600)).toEqual([FACE]);
      expect(made.map(({ running }) => running)).toEqual([0, 1]);
      return lost;
    }));

  test('a TestAvatar that is swapped finishes its speech, and the next one speaks after it', async () => {
    const { stage, make } = await stageWith();
    const { speech } = await inWord(stage, 2000);
    stage.video.setAvatar(make('other'));
    await speech.waitForPlayout();
    await stage.untilTold('shown', 2);
    await stage.quiet();
    expect(stage.ears.steps).toEqual(stairSteps(2000));
    expect(await stage.voices(600)).toEqual(['other']);
    expect(stage.agentRoom.remoteParticipants.has(FACE)).toBe(false);
  });

  test.each<[string, AvatarFaults, string]>([
    ['refuses', { refuses: { times: 9, message: 'HTTP 503' } }, 'failed: HTTP 503'],
    ['shows no picture', { hasNoVideo: true }, 'failed: it did not join in time'],
    ['comes late', { joinsAfter: 5000 }, 'failed: it did not join in time'],
  ])('a TestAvatar that %s leaves the greeting to the voice', async (_, faults, told) => {
    const { stage } = await stageWith(faults, { maxAttempts: 1, joinTimeoutMs: 500 });
    expect(stage.told[0]).toBe(told);
    expect(await stage.voices(600)).toEqual([AGENT]);
    expect(stage.ears.steps).toEqual(stairSteps(600));
  });
});
