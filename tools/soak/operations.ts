import { LookError } from '../../src/index.ts';
import { generatedStair } from '../../src/testing/avatar/stair.ts';
import { sleep } from '../../src/testing/measure/stats.ts';
import type { Random } from '../../src/testing/random.ts';
import { AGENT_KINDS } from '../../src/testing/story/steps.ts';
import { within } from '../../src/testing/waits.ts';
import { PROVIDERS } from './models.ts';
import { LIMIT_MS, type SoakStage } from './stage.ts';

/** An operation of a user or an application on a session. */
export type Operation = (stage: SoakStage, random: Random) => Promise<void>;

/** Length of the speech, in ms. */
const SPEECH_MS = 1000;

/** The random operations; the states of a user, each with the same probability. */
export const OPERATIONS = {
  async share(stage, random) {
    const what = random.pick(['camera', 'screen']);
    if (stage.isShared(what)) await stage.stop(what);
    else await stage.share(what);
  },
  async republish(stage, random) {
    const what = random.pick(['camera', 'screen']);
    if (stage.isShared(what)) await stage.stop(what);
    await stage.share(what);
  },
  async mute(stage, random) {
    const what = random.pick(['camera', 'screen']);
    if (stage.isShared(what)) await stage.mute(what, !stage.isMuted(what));
  },
  async handOff(stage, random) {
    await stage.handOff(random.pick(AGENT_KINDS));
  },
  async drop({ services }, random) {
    await services.drop(random.pick(PROVIDERS));
  },
  async ask(stage) {
    await stage.ask();
  },
  async look({ video }) {
    try {
      const { trackSid } = await video.look();
      if (!trackSid) throw new Error('a frame of no track was seen');
    } catch (error) {
      // Off, or nothing is shared: that is reported, and correct.
      if (!(error instanceof LookError)) throw error;
    }
  },
  async newest({ video }) {
    const frame = await video.latestFrame();
    await frame?.encode({ format: 'jpeg', quality: 70 });
  },
  async setMode({ video }, random) {
    video.setMode(random.pick(['off', 'onDemand', 'sampled', 'sampled']));
  },
  async pin({ video }, random) {
    video.pinSource(random.pick(['camera', 'screen', { identity: 'user' }, null, null]));
  },
} as const satisfies Record<string, Operation>;

/** What happens to a session with an avatar, in addition. */
export const AVATAR_OPERATIONS = {
  async say({ session }) {
    const speech = session.say('A stair.', { audio: generatedStair(SPEECH_MS) });
    await within('end of the speech', speech.waitForPlayout(), LIMIT_MS);
  },
  async interrupt({ session }, random) {
    const speech = session.say('A stair.', { audio: generatedStair(3 * SPEECH_MS) });
    await sleep(random.next() * SPEECH_MS);
    speech.interrupt();
    await within('end of the interrupted speech', speech.waitForPlayout(), LIMIT_MS);
  },
  async killAvatar({ avatars }) {
    await avatars?.kill();
  },
  async swapAvatar({ video, avatars }, random) {
    video.setAvatar(random.pick([avatars?.make ?? null, null]));
  },
} as const satisfies Record<string, Operation>;

export const ALL_OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  ...OPERATIONS,
  ...AVATAR_OPERATIONS,
};

export type OperationName = keyof typeof OPERATIONS | keyof typeof AVATAR_OPERATIONS;

const namesOf = (operations: object) => Object.keys(operations) as OperationName[];

/** The operations of a session without an avatar. */
export const OPERATION_NAMES = namesOf(OPERATIONS);
/** The operations of a session with one. */
export const ALL_OPERATION_NAMES = namesOf(ALL_OPERATIONS);
