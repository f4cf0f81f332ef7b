import type { AvatarLimits } from '../../../src/session/options.ts';
import { type AvatarFaults, TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { FACE } from '../../../src/testing/identities.ts';
import { until } from '../../../src/testing/waits.ts';
import { AvatarStage, SILENT_AFTER_MS } from './stage.ts';

/** A stage in a loopback room, live, and the avatars that were asked for. */
export async function stageWith(faults: AvatarFaults = {}, avatarLimits: AvatarLimits = {}) {
  const made: TestAvatar[] = [];
  let make = (_identity: string): TestAvatar => {
    throw new Error('the stage is not set');
  };
  const stage = await AvatarStage.setOnLoopback({
    avatar: (room) => {
      make = (identity) => {
        const avatar = new TestAvatar(room, faults, identity);
        made.push(avatar);
        return avatar;
      };
      return () => make(FACE);
    },
    avatarLimits: { silentAfterMs: SILENT_AFTER_MS, ...avatarLimits },
  });
  await stage.start();
  return { stage, made, make };
}

/** The avatar that was asked for last. */
export const newest = (made: readonly TestAvatar[]): TestAvatar => {
  const avatar = made.at(-1);
  if (!avatar) throw new Error('no avatar was asked for');
  return avatar;
};

/** The agent speaks so long, in ms, and is in the middle of it. */
export async function inWord(stage: AvatarStage, ms: number) {
  const { length } = stage.ears.sounds;
  const speech = stage.say(ms);
  await until('the agent is heard', () => stage.ears.sounds.length > length + 20);
  // As a part: the speech itself would be awaited to its end.
  return { speech };
}
