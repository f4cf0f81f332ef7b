import { afterEach, expect, test } from 'vitest';
import type { LocalAvatar } from '../../../src/index.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import { localAvatar } from '../../support/avatar/local-avatar.ts';
import { AvatarStage, endStages, SILENT_AFTER_MS } from '../../support/avatar/stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
afterEach(endStages, SLOW);

describeWithServer('an avatar that dies during silence', (server) => {
  /** @param isWatched - Whether the agent is informed of the end of its process. */
  async function stageWithLocal(isWatched: boolean) {
    const made: LocalAvatar[] = [];
    const stage = await AvatarStage.set(server(), {
      avatar: ({ server }) => {
        const avatar = localAvatar(server, { identity: FACE });
        made.push(avatar);
        if (isWatched) return avatar;
        // Like one of a provider, whose process is elsewhere.
        return {
          avatarIdentity: FACE,
          start: (session: never, room: never) => avatar.start(session, room),
          aclose: () => avatar.aclose(),
        };
      },
      avatarLimits: { maxAttempts: 1, silentAfterMs: SILENT_AFTER_MS },
    });
    await stage.start();
    expect(stage.told).toEqual(['shown']);
    expect(await stage.voices(600)).toEqual([FACE]);
    return { stage, kill: () => process.kill(made[0]?.pid ?? 0, 'SIGKILL') };
  }

  test(
    "the death of an avatar's own process is known before the next speech, which the agent speaks itself",
    async () => {
      const { stage, kill } = await stageWithLocal(true);
      kill();
      await stage.untilTold('lost: its process ended');
      const before = stage.ears.sounds.length;
      expect(await stage.voices(1600)).toEqual([AGENT]);
      expect(stage.ears.stepsFrom(before)).toEqual(stairSteps(1600));
    },
    SLOW,
  );

  test(
    'after the death of an avatar elsewhere, the first answer is heard whole from the voice',
    async () => {
      const { stage, kill } = await stageWithLocal(false);
      kill();
      const before = stage.ears.sounds.length;
      expect(await stage.voices(1600)).toEqual([AGENT]);
      expect(stage.ears.stepsFrom(before)).toEqual(stairSteps(1600));
      expect(stage.told.slice(0, 2)).toEqual(['shown', 'lost: it is silent']);
    },
    SLOW,
  );

  test(
    'if an avatar stays in the room but never begins to speak, the answer is heard whole from the voice',
    async () => {
      const made: TestAvatar[] = [];
      const stage = await AvatarStage.set(server(), {
        avatar: (where) => {
          const avatar = new TestAvatar(where, { isDeaf: true });
          made.push(avatar);
          return avatar;
        },
        avatarLimits: { maxAttempts: 1, playbackStartTimeoutMs: 1000 },
      });
      await stage.start();
      expect(await stage.voices(1600)).toEqual([AGENT]);
      expect(stage.ears.steps).toEqual(stairSteps(1600));
      expect(stage.told.slice(0, 2)).toEqual(['shown', 'lost: it did not begin to speak']);
      expect(made[0]?.running).toBe(0);
    },
    SLOW,
  );
});
