import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { LocalAvatar } from '../../../src/avatar/worker/local-avatar.ts';
import type { AvatarLimits } from '../../../src/session/options.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { type AvatarFaults, TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import { until, WAIT_LIMIT_MS } from '../../../src/testing/waits.ts';
import { localAvatar } from '../../support/avatar/local-avatar.ts';
import { AvatarStage, endStages } from '../../support/avatar/stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
afterEach(endStages, SLOW);

const said = ({ words }: AvatarStage) => words.map(({ text }) => text).join('');

/**
 * Begins a speech. Resolves when the user has heard some of it, with the time until its first
 * sound, in ms: a measure of how fast this machine is now.
 */
async function begin(stage: AvatarStage, ms: number) {
  const from = Date.now();
  const speech = stage.say(ms);
  await until('the avatar is heard', () => stage.ears.sounds.length > 40);
  return { speech, firstSoundMs: (stage.ears.sounds[0]?.at ?? 0) - from };
}

describeWithServer('an avatar in a real room', (server) => {
  /** A stage with an avatar that fails as the test says. */
  async function stageWith(faults: AvatarFaults, avatarLimits: AvatarLimits = {}) {
    const made: TestAvatar[] = [];
    const stage = await AvatarStage.set(server(), {
      avatarLimits,
      avatar: (where) => {
        made.push(new TestAvatar(where, faults));
        return made[0] as TestAvatar;
      },
    });
    return Object.assign(stage, { avatar: made[0] as TestAvatar });
  }

  test(
    "an avatar that is killed during a word is replaced by the agent's own voice, and comes back",
    async () => {
      let avatar: LocalAvatar | undefined;
      const stage = await AvatarStage.set(server(), {
        avatar: ({ server }) => {
          avatar = localAvatar(server, { identity: FACE });
          return avatar;
        },
      });
      await stage.start();
      expect(stage.told).toEqual(['shown']);
      const { speech, firstSoundMs } = await begin(stage, 4000);
      expect(new Set(stage.ears.sounds.map(({ from }) => from))).toEqual(new Set([FACE]));

      const killedAt = Date.now();
      process.kill(avatar?.pid ?? 0, 'SIGKILL');
      await speech.waitForPlayout();
      await stage.quiet();
      expect(stage.told.slice(0, 2)).toEqual(['shown', 'lost: its process ended']);
      const gap = stage.ears.longestGap(killedAt);
      console.info({ gap, firstSoundMs });
      expect(gap).toBeLessThan(10 * firstSoundMs);
      expect(stage.ears.steps).toEqual(stairSteps(4000));

      await stage.untilTold('shown', 2);
      expect(await stage.voices(1000)).toEqual([FACE]);
    },
    SLOW,
  );

  test(
    'an avatar that leaves during a word and comes back gets the next segment, and the speech goes on',
    async () => {
      const stage = await stageWith({});
      await stage.start();
      const { speech, firstSoundMs } = await begin(stage, 3000);
      const leftAt = Date.now();
      await stage.avatar.leave();
      await speech.waitForPlayout();
      await stage.quiet();
      expect(stage.told[1]).toBe('lost: it left');
      const gap = stage.ears.longestGap(leftAt);
      console.info({ gap, firstSoundMs });
      expect(gap).toBeLessThan(10 * firstSoundMs);
      expect(stage.ears.steps.slice(-8)).toEqual(stairSteps(3000).slice(-8));
      await stage.untilTold('shown', 2);
      expect(await stage.voices(600)).toEqual([FACE]);
      expect(stage.avatar.running).toBe(1);
    },
    SLOW,
  );

  test.each<[string, AvatarFaults, AvatarLimits, string]>([
    [
      'never joins',
      { joinsAfter: null },
      { joinTimeoutMs: 500 },
      'failed: it did not join in time',
    ],
    [
      'joins without video',
      { hasNoVideo: true },
      { joinTimeoutMs: 1000 },
      'failed: it did not join in time',
    ],
    ['is refused', { refuses: { times: 9, message: 'HTTP 429' } }, {}, 'failed: HTTP 429'],
    [
      'never finishes its start',
      { startsAfter: 3000 },
      { startTimeoutMs: 300 },
      'failed: it did not start in time',
    ],
  ])(
    "an avatar that %s leaves the greeting to the agent's voice, and its provider is stopped",
    async (_, faults, avatarLimits, told) => {
      const stage = await stageWith(faults, { maxAttempts: 1, ...avatarLimits });
      await stage.start();
      expect(stage.told[0]).toBe(told);
      expect(await stage.voices(800)).toEqual([AGENT]);
      expect(stage.ears.steps).toEqual(stairSteps(800));
      await stage.untilTold('givenUp');
      await until('the provider is stopped', () => stage.avatar.running <= 0);
    },
    SLOW,
  );

  test(
    'an avatar that joins after its limit is shown at the next attempt',
    async () => {
      const stage = await stageWith(
        { refuses: { times: 1, message: 'HTTP 500' } },
        { retryBaseMs: 100 },
      );
      await stage.start();
      expect(stage.told[0]).toBe('failed: HTTP 500');
      await stage.untilTold('shown');
      expect(await stage.voices(800)).toEqual([FACE]);
    },
    SLOW,
  );

  test(
    'say() ends by the length of the audio if the avatar never reports the end',
    async () => {
      const stage = await stageWith({ finish: 'never' }, { finishSlackMs: 500 });
      await stage.start();
      expect(await stage.voices(800)).toEqual([FACE]);
      expect(stage.ears.steps).toEqual(stairSteps(800));
      expect(stage.video.metrics().avatar.unconfirmed).toBe(1);
    },
    SLOW,
  );

  test(
    'say() ends and the next words are heard if the avatar loses the trailer of a segment',
    async () => {
      const stage = await stageWith({ losesTrailers: true }, { finishSlackMs: 500 });
      await stage.start();
      expect(await stage.voices(800)).toEqual([FACE]);
      expect(await stage.voices(600)).toEqual([FACE]);
      expect(stage.ears.steps).toEqual([...stairSteps(800), ...stairSteps(600)]);
    },
    SLOW,
  );

  test(
    'say() does not end early if the avatar reports the end too soon',
    async () => {
      const stage = await stageWith({ finish: 'early' });
      await stage.start();
      const from = Date.now();
      await stage.say(1600).waitForPlayout();
      expect(Date.now() - from).toBeGreaterThan(1600);
      await stage.quiet();
      expect(stage.ears.steps).toEqual(stairSteps(1600));
    },
    SLOW,
  );

  test.each<NonNullable<AvatarFaults['clear']>>(['refused', 'unanswered'])(
    'an interruption that the avatar leaves %s ends in time, and the next words are heard',
    async (clear) => {
      const stage = await stageWith({ clear }, { clearTimeoutMs: 600 });
      await stage.start();
      expect(await stage.interrupted()).toBeLessThan(0.5);
      const before = stage.ears.sounds.length;
      await stage.voices(800);
      expect(stage.ears.stepsFrom(before)).toEqual(stairSteps(800));
    },
    SLOW,
  );

  test(
    'an avatar whose user leaves for good is stopped, and starts again for the next user',
    async () => {
      const stage = await stageWith({}, { graceMs: 500 });
      await stage.start();
      await stage.userLeaves();
      await stage.untilTold('away');
      await until('the provider is stopped', () => stage.avatar.running === 0);
      await stage.userJoins();
      await stage.untilTold('shown', 2);
      expect(await stage.voices(600)).toEqual([FACE]);
    },
    SLOW,
  );

  test(
    'an avatar whose user comes back in time stays',
    async () => {
      const stage = await stageWith({}, { graceMs: WAIT_LIMIT_MS });
      await stage.start();
      await stage.userLeaves();
      await wait(500);
      await stage.userJoins();
      expect(await stage.voices(600)).toEqual([FACE]);
      expect(stage.told).toEqual(['shown']);
      expect(stage.avatar.starts).toBe(1);
    },
    SLOW,
  );

  test(
    'the words stay in time with the voice, even if another voice takes over',
    async () => {
      const stage = await stageWith({});
      await stage.start();
      const text = 'One two three four five six seven eight nine ten eleven twelve.';
      const from = Date.now();
      const speech = stage.say(4000, text);
      await until('half of the words', () => stage.words.length >= 5);
      await stage.avatar.leave();
      await speech.waitForPlayout();
      await until('all words', () => said(stage).includes('twelve.'));
      expect(said(stage)).toBe(text);
      // Not all at once, and not before they are spoken.
      expect((stage.words.at(-1)?.at ?? 0) - from).toBeGreaterThan(2500);
    },
    SLOW,
  );

  test(
    'an avatar is stopped with its session',
    async () => {
      const stage = await stageWith({});
      await stage.start();
      await stage.video.close();
      expect(stage.avatar.running).toBe(0);
    },
    SLOW,
  );
});
