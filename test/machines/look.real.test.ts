import { afterAll } from 'vitest';
import { createActor, type SnapshotFrom } from 'xstate';
import { freshFrame } from '../../src/actors/fresh-frame.ts';
import { lookMachine } from '../../src/machines/look.machine.ts';
import type { LookInput } from '../../src/machines/look.types.ts';
import { lookInput, newestFrame } from '../support/machines/inputs.ts';
import { inputOf, type SettingsFrom } from '../support/machines/parent.ts';
import { RealFrames } from '../support/machines/real/frames.ts';
import { HandClock } from '../support/machines/real/hand-clock.ts';
import { closeCameras } from '../support/machines/real/held-room.ts';
import type { Operations } from '../support/machines/real/paths.ts';
import { type Play, type RealWorld, testRealPaths } from '../support/machines/real/play.ts';
import { Watch } from '../support/machines/real/watch.ts';
import { eventsOf } from '../support/paths.ts';

type Look = typeof lookMachine;
type Snapshot = SnapshotFrom<Look>;

afterAll(closeCameras);

const { elapsed, done } = eventsOf(lookMachine);
const isWaiting = (s: Snapshot) => s.value === 'waiting';

/** Looks at the frames of a real track. */
class RealLook implements RealWorld {
  readonly frames = new RealFrames();
  readonly clock = new HandClock();
  readonly actor;
  readonly watch: Watch;

  constructor(settings: SettingsFrom<Look>) {
    this.actor = createActor(
      lookMachine.provide({ actors: { freshFrame: freshFrame(this.frames.gate) } }),
      { id: 'look', input: inputOf(lookMachine, settings), clock: this.clock },
    );
    this.watch = new Watch(this.actor, 'look');
  }

  start(): void {
    this.actor.start();
  }

  async end(): Promise<void> {
    this.actor.stop();
    await this.frames.end();
  }
}

const operations: Operations<Look, null> = {
  'video off': { brings: () => [{ type: 'mode.set', mode: 'off' }] },
  'video on': { brings: () => [{ type: 'mode.set', mode: 'sampled' }] },
  'a look': { brings: () => [{ type: 'look.requested', lookId: 1 }] },
  'a frame': { brings: (s) => (isWaiting(s) ? [done('waiting', newestFrame)] : []) },
  'no frame in time': {
    brings: (s) => (isWaiting(s) ? [elapsed('lookTimeout', 'waiting')] : null),
  },
};

const play = (mode: LookInput['mode']): Play<Look, null, RealLook> => ({
  machine: lookMachine,
  input: { ...lookInput, mode },
  world: null,
  operations,
  key: ({ context }) => [context.looks.length > 0],
  make: () => new RealLook({ ...lookInput, mode }),
  does: {
    'video off': ({ actor }) => actor.send({ type: 'mode.set', mode: 'off' }),
    'video on': ({ actor }) => actor.send({ type: 'mode.set', mode: 'sampled' }),
    'a look': ({ actor }) => actor.send({ type: 'look.requested', lookId: 1 }),
    'a frame': ({ frames }) => frames.show(),
    'no frame in time': ({ clock }) => clock.elapse(lookInput.lookTimeoutMs),
  },
});

testRealPaths([play('sampled'), play('off')], {
  'waiting -- xstate.error.actor': 'the wait for a frame ends only with its actor',
});
