import { afterAll, beforeAll } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { idlePauseMachine } from '../../src/machines/idle-pause.machine.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { until, WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { idlePauseInput, sourceInput } from '../support/machines/inputs.ts';
import type { Operation } from '../support/machines/real/paths.ts';
import { type Play, testRealPaths } from '../support/machines/real/play.ts';
import { RealSource } from '../support/machines/real/source.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { closeRooms, type Person, RealRoom, type Share } from '../support/real-room.ts';

type Pause = typeof idlePauseMachine;
type Snapshot = SnapshotFrom<Pause>;
type Event = PathEvent<Pause>;
interface World {
  /** Whether a camera or a screen is on. It sends ten frames a second. */
  isOn: boolean;
  rate: 'unknown' | 'slow' | 'fast';
}

const { elapsed } = eventsOf(idlePauseMachine);
const INTERVAL_MS = 10_000;
const untilWakeMs = INTERVAL_MS - idlePauseInput.leadMs.longest;
/** Of a user who speaks, in ms. */
const FAST_MS = 1_000;
const untilReadMs = FAST_MS - idlePauseInput.rest.leadMs;
/** Above the time between two frames of the camera. */
const rest = { ...idlePauseInput.rest, maxFrameGapMs: 1_000 };

/** One room for all paths, with a separate source for each. */
let room: RealRoom;
let user: Person;

class RealPause extends RealSource {
  share: Share | undefined;

  override async end(): Promise<void> {
    await super.end();
    await this.share?.stop();
    await until('empty', () =>
      [...room.agentRoom.remoteParticipants.values()].every((p) => p.trackPublications.size === 0),
    );
  }
}

const isPaused = (s: Snapshot) => s.matches({ video: 'paused' });
const isResting = (s: Snapshot) => s.matches({ video: 'resting' });
const frame: Event = { type: 'stream.frame' };
const frames: Event = { type: 'stream.frame', gapMs: 100 };
const replaced: Event = { type: 'stream.replaced', isScreen: false };
const onlyIf = (
  brings: (s: Snapshot, world: World) => Event[] | null,
  changes: Partial<World> = {},
): Operation<Pause, World> => ({ brings, changes: () => changes });

function play(isWanted: boolean): Play<Pause, World, RealPause> {
  const input = { ...idlePauseInput, isWanted, rest };
  return {
    machine: idlePauseMachine,
    input,
    // The model takes no frames between turns.
    start: [{ type: 'rate.changed', intervalMs: null }],
    world: { isOn: false, rate: 'unknown' },
    operations: {
      'a camera': onlyIf((_, { isOn }) => (isOn ? null : [replaced, frame, frames]), {
        isOn: true,
      }),
      'a screen': onlyIf(
        (_, { isOn }) =>
          isOn ? null : [{ type: 'stream.replaced', isScreen: true }, frame, frames],
        { isOn: true },
      ),
      'the camera is off': onlyIf((_, { isOn }) => (isOn ? [replaced] : null), { isOn: false }),
      'samples at another rate': onlyIf(
        (s) =>
          isPaused(s)
            ? [{ type: 'rate.changed', intervalMs: INTERVAL_MS }, frame]
            : [{ type: 'rate.changed', intervalMs: INTERVAL_MS }],
        { rate: 'slow' },
      ),
      'samples at a fast rate': onlyIf(
        (s) => (isPaused(s) ? null : [{ type: 'rate.changed', intervalMs: FAST_MS }]),
        { rate: 'fast' },
      ),
      'a sample is due': onlyIf(() => [{ type: 'rate.tick' }]),
      'a sample': onlyIf((_, { isOn }) => (isOn ? [{ type: 'sample.done' }] : null)),
      'a look': onlyIf((s) =>
        isPaused(s) ? [{ type: 'frame.needed' }, frame] : [{ type: 'frame.needed' }],
      ),
      'every frame is needed for a moment': onlyIf((s) => {
        const wanted: Event[] = [{ type: 'flow.held' }, { type: 'flow.released' }];
        return isPaused(s) ? [...wanted, frame] : wanted;
      }),
      'the application takes a frame': onlyIf((s) =>
        isResting(s) ? [{ type: 'flow.wanted' }] : null,
      ),
      'the next sample is near': onlyIf((s) =>
        isPaused(s) ? [elapsed('untilWake', 'nextSample.far'), frame] : null,
      ),
      'the next fast sample is near': onlyIf((s) =>
        isResting(s) ? [elapsed('untilWake', 'nextSample.far')] : null,
      ),
      'a look, and the camera goes off at once': onlyIf(
        (s) =>
          isPaused(s)
            ? [{ type: 'frame.needed' }, replaced, { type: 'rate.changed', intervalMs: null }]
            : null,
        { isOn: false },
      ),
      'a look, and no frame in time': onlyIf((s) =>
        isPaused(s) ? [{ type: 'frame.needed' }, elapsed('wakeTimeout', 'video.waking')] : null,
      ),
    },
    make: () =>
      new RealPause(room.agentRoom, { ...sourceInput, model: 'pipeline', pause: input }, 'pause'),
    free: ['stream.frame'],
    does: {
      'a camera': async (world) => {
        world.share = await user.share('camera');
      },
      'a screen': async (world) => {
        world.share = await user.share('screen');
      },
      'the camera is off': (world) => world.share?.mute(),
      'samples at another rate': ({ actor }) =>
        actor.send({ type: 'rate.changed', intervalMs: INTERVAL_MS }),
      'samples at a fast rate': ({ actor }) =>
        actor.send({ type: 'rate.changed', intervalMs: FAST_MS }),
      'a sample is due': ({ actor }) => actor.send({ type: 'rate.tick' }),
      'a sample': ({ actor }) => actor.send({ type: 'sample.sent', frameId: 1 }),
      'a look': ({ actor }) => actor.send({ type: 'look.requested', lookId: 1 }),
      'every frame is needed for a moment': ({ actor }) => {
        actor.send({ type: 'flow.held' });
        actor.send({ type: 'flow.released' });
      },
      'the application takes a frame': ({ actor }) => actor.send({ type: 'flow.wanted' }),
      'the next sample is near': ({ clock }) => clock.elapse(untilWakeMs),
      'the next fast sample is near': ({ clock }) => clock.elapse(untilReadMs),
      // Both happen in one turn of the event loop, before the first frame can arrive.
      'a look, and the camera goes off at once': ({ actor }) => {
        actor.send({ type: 'look.requested', lookId: 1 });
        actor.send({ type: 'mode.set', mode: 'off' });
      },
      'a look, and no frame in time': ({ actor, clock }) => {
        actor.send({ type: 'look.requested', lookId: 1 });
        clock.elapse(idlePauseInput.wakeTimeoutMs);
      },
    },
  };
}

describeWithServer('in a real room', (server: () => LiveKitServer) => {
  beforeAll(async () => {
    room = await RealRoom.withAgent(server());
    user = await room.join('user');
  }, WAIT_LIMIT_MS);
  afterAll(async () => {
    await closeRooms();
  }, WAIT_LIMIT_MS);

  testRealPaths([play(true), play(false)], {});
});
