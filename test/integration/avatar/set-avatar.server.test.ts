import { afterEach, expect, test } from 'vitest';
import type { AvatarOption } from '../../../src/avatar/avatar-session.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import { until } from '../../../src/testing/waits.ts';
import { AvatarStage, endStages } from '../../support/avatar/stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
const OTHER = 'other-face';
/** Pieces of 20 ms that a resampler may add or take at the ends of a sound. */
const EDGE_PIECES = 2;
afterEach(endStages, SLOW);

describeWithServer('setAvatar during a call', (server) => {
  /** @param first - The option `avatar`. */
  async function stageWith(first: 'avatar' | null) {
    const made: TestAvatar[] = [];
    let make = (_identity: string): TestAvatar => {
      throw new Error('the stage is not set');
    };
    const stage = await AvatarStage.set(server(), {
      avatar: (where): AvatarOption | null => {
        make = (identity) => {
          const avatar = new TestAvatar(where, {}, identity);
          made.push(avatar);
          return avatar;
        };
        return first && make(FACE);
      },
    });
    await stage.start();
    return { stage, made, make: (identity: string) => make(identity) };
  }

  test.each([OTHER, FACE])(
    'setAvatar replaces the avatar %s without losing a word of the old one or of the voice in between',
    async (identity) => {
      const { stage, made, make } = await stageWith('avatar');
      const { ears, video } = stage;
      const speech = stage.say(2400);
      await until('the avatar is heard', () => ears.sounds.length > 20);
      video.setAvatar(make(identity));
      await speech.waitForPlayout();
      await stage.quiet();
      expect(new Set(ears.sounds.map(({ from }) => from))).toEqual(new Set([FACE]));
      expect(ears.steps).toEqual(stairSteps(2400));

      const between = ears.sounds.length;
      expect(await stage.voices(800)).toHaveLength(1);
      expect(ears.stepsFrom(between)).toEqual(stairSteps(800));

      await stage.untilTold('shown', 2);
      const after = ears.sounds.length;
      expect(await stage.voices(800)).toEqual([identity]);
      expect(ears.stepsFrom(after)).toEqual(stairSteps(800));
      expect(made.map(({ running }) => running)).toEqual([0, 1]);
      expect(stage.told).toEqual(['shown', 'dismissed', 'shown']);
    },
    SLOW,
  );

  test(
    'setAvatar(null) ends the avatar and keeps the voice',
    async () => {
      const { stage, made } = await stageWith('avatar');
      expect(await stage.voices(600)).toEqual([FACE]);
      stage.video.setAvatar(null);
      await until('it is ended', () => made[0]?.running === 0);
      const before = stage.ears.sounds.length;
      expect(await stage.voices(800)).toEqual([AGENT]);
      expect(stage.ears.stepsFrom(before)).toEqual(stairSteps(800));
      // The second time, its track is there already: as much was heard of the first word.
      const between = stage.ears.sounds.length;
      await stage.voices(800);
      const again = stage.ears.sounds.length - between;
      expect(between - before).toBeGreaterThanOrEqual(again - EDGE_PIECES);
    },
    SLOW,
  );

  test(
    'setAvatar sets the first avatar of a session that began without one',
    async () => {
      const { stage, make } = await stageWith(null);
      expect(await stage.voices(600)).toEqual([AGENT]);
      stage.video.setAvatar(make(FACE));
      await stage.untilTold('shown');
      const before = stage.ears.sounds.length;
      expect(await stage.voices(800)).toEqual([FACE]);
      expect(stage.ears.stepsFrom(before)).toEqual(stairSteps(800));
    },
    SLOW,
  );
});
