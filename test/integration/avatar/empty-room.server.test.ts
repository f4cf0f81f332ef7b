import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { FACE } from '../../../src/testing/identities.ts';
import { until } from '../../../src/testing/waits.ts';
import { AvatarStage, endStages } from '../../support/avatar/stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
const GRACE_MS = 500;
afterEach(endStages, SLOW);

describeWithServer('an avatar whose user has left', (server) => {
  /** The user has left, and may still come back. */
  async function leftStage() {
    const made: TestAvatar[] = [];
    const stage = await AvatarStage.set(server(), {
      avatarLimits: { graceMs: GRACE_MS, retryBaseMs: 100 },
      avatar: (where) => {
        made.push(new TestAvatar(where));
        return made[0] as TestAvatar;
      },
    });
    await stage.start();
    await stage.userLeaves();
    // The server reports it late.
    await until('the agent knows', () => !stage.agentRoom.remoteParticipants.has('user'));
    return { stage, avatar: made[0] as TestAvatar };
  }

  test(
    'an avatar that leaves an empty room before it is stopped does not come back',
    async () => {
      const { avatar } = await leftStage();
      await avatar.leave();
      await wait(GRACE_MS + 1500);
      expect(avatar.running, 'avatars that run').toBe(0);
      expect(avatar.starts).toBe(1);
    },
    SLOW,
  );

  test(
    'an avatar that left before it was stopped comes back with the next user',
    async () => {
      const { stage, avatar } = await leftStage();
      await avatar.leave();
      await wait(GRACE_MS + 500);
      await stage.userJoins();
      await until('one avatar', () => avatar.running === 1);
      await stage.untilTold('shown', 2);
      expect(await stage.voices(600)).toContain(FACE);
      expect(avatar.running).toBe(1);
    },
    SLOW,
  );
});
