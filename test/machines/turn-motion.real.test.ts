import { createActor, type SnapshotFrom } from 'xstate';
import { MotionStrips } from '../../src/actors/motion-strips.ts';
import { turnMotionMachine } from '../../src/machines/turn-motion.machine.ts';
import { motionInput } from '../support/machines/inputs.ts';
import { inputOf, type SettingsFrom } from '../support/machines/parent.ts';
import { RealFrames } from '../support/machines/real/frames.ts';
import { HandClock } from '../support/machines/real/hand-clock.ts';
import type { Operations } from '../support/machines/real/paths.ts';
import { type Play, type RealWorld, testRealPaths } from '../support/machines/real/play.ts';
import { Watch } from '../support/machines/real/watch.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';

type Motion = typeof turnMotionMachine;
type Snapshot = SnapshotFrom<Motion>;
type Event = PathEvent<Motion>;

const { elapsed, done, failed } = eventsOf(turnMotionMachine);
const taken = done('speaking.taking', 1);
const nothing = done('speaking.taking', null);

/** A turn, with real frames and the real encoder. */
class RealMotion implements RealWorld {
  readonly frames = new RealFrames();
  readonly clock = new HandClock();
  readonly strips = new MotionStrips({
    gate: this.frames.gate,
    image: () => ({ format: 'jpeg' }),
    onError() {},
  });
  readonly actor;
  readonly watch: Watch;

  constructor(settings: SettingsFrom<Motion>) {
    this.actor = createActor(
      turnMotionMachine.provide({ actors: { takePicture: this.strips.take() } }),
      { id: 'motion', input: inputOf(turnMotionMachine, settings), clock: this.clock },
    );
    this.watch = new Watch(this.actor, 'motion');
  }

  start(): void {
    this.actor.start();
  }

  async end(): Promise<void> {
    this.actor.stop();
    this.strips.close();
    await this.frames.end();
  }
}

const speaks = (s: Snapshot) => s.matches('speaking');
const waits = (s: Snapshot) => s.matches({ speaking: 'waiting' });
const interval = elapsed('interval', 'speaking.waiting');
const broken = failed('speaking.taking', 'broken');
/** Whether the newest frame can be read. */
interface World {
  isBroken: boolean;
}
const only = (when: (s: Snapshot) => boolean, ...events: Event[]) => ({
  brings: (s: Snapshot) => (when(s) ? events : null),
});
const isSilent = (s: Snapshot) => s.value === 'silent';

const operations: Operations<Motion, World> = {
  'the user speaks': {
    brings: (s, { isBroken }) =>
      isSilent(s) ? [{ type: 'user.speaking' }, isBroken ? broken : nothing] : null,
  },
  'the user is silent': only(speaks, { type: 'user.silent' }),
  'a frame, and the time of a picture': {
    ...only(waits, interval, taken),
    changes: () => ({ isBroken: false }),
  },
  'a broken frame, and the time of a picture': {
    ...only(waits, interval, broken),
    changes: () => ({ isBroken: true }),
  },
  'the turn is used': only((s) => isSilent(s) || waits(s), { type: 'turn.committed' }),
  'another source': only((s) => isSilent(s) || waits(s), { type: 'pick.changed' }),
  'a model that takes no pictures': only(isSilent, { type: 'motion.limited', maxPictures: 0 }),
  'the turn is not used': only(isSilent, elapsed('forgetAfter', 'silent')),
};

const play = (input: SettingsFrom<Motion>): Play<Motion, World, RealMotion> => ({
  machine: turnMotionMachine,
  input,
  start: [],
  world: { isBroken: false },
  operations,
  make: () => new RealMotion(input),
  does: {
    'the user speaks': ({ actor }) => actor.send({ type: 'user.speaking' }),
    'the user is silent': ({ actor }) => actor.send({ type: 'user.silent' }),
    'a frame, and the time of a picture': async ({ frames, clock }) => {
      await frames.show();
      clock.elapse(motionInput.firstIntervalMs);
    },
    'a broken frame, and the time of a picture': async ({ frames, clock }) => {
      await frames.showBroken();
      clock.elapse(motionInput.firstIntervalMs);
    },
    'the turn is used': ({ actor }) => actor.send({ type: 'turn.committed' }),
    'another source': ({ actor }) => actor.send({ type: 'pick.changed' }),
    'a model that takes no pictures': ({ actor }) =>
      actor.send({ type: 'motion.limited', maxPictures: 0 }),
    'the turn is not used': ({ clock }) => clock.elapse(motionInput.forgetAfterMs),
  },
});

testRealPaths([play(motionInput), play({ ...motionInput, maxPictures: 0 })], {});
