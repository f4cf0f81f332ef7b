import { afterEach, expect, test } from 'vitest';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { FACE } from '../../../src/testing/identities.ts';
import { AvatarStage, endStages } from '../../support/avatar/stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
afterEach(endStages, SLOW);

describeWithServer('two sessions of one process', (server) => {
  test(
    'avatars of two sessions with the same identity do not disturb each other',
    async () => {
      const stageOf = () =>
        AvatarStage.set(server(), {
          avatar: (where) => new TestAvatar(where),
          avatarLimits: { finishSlackMs: 15_000 },
        });
      const stages = [await stageOf(), await stageOf()];
      for (const stage of stages) await stage.start();
      const [long, short] = stages as [AvatarStage, AvatarStage];
      const speech = long.say(3000);
      // Its end is reported while the other one still speaks.
      expect(await short.voices(600)).toEqual([FACE]);
      await speech.waitForPlayout();
      await long.quiet();
      expect(long.ears.steps).toEqual(stairSteps(3000));
      expect(short.ears.steps).toEqual(stairSteps(600));
      for (const stage of stages) {
        expect(stage.told).toEqual(['shown']);
        expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
      }
    },
    SLOW,
  );
});
