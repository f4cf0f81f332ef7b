import { LookError } from '../../src/index.ts';
import type { Random } from '../../src/testing/random.ts';
import type { SoakStage } from './stage.ts';

/** An operation of a user or an application on a session. */
export type Operation = (stage: SoakStage, random: Random) => Promise<void>;

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
  async handOff(stage) {
    await stage.handOff();
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

export type DeedName = keyof typeof OPERATIONS;

export const DEED_NAMES = Object.keys(OPERATIONS) as DeedName[];
