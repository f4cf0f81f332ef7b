import { afterAll } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { streamReplacementMachine } from '../../src/machines/stream-replacement.machine.ts';
import { USER } from '../../src/testing/identities.ts';
import { settled } from '../../src/testing/simulated-clock.ts';
import { replacementInput, sourceInput } from '../support/machines/inputs.ts';
import {
  cameraOf,
  closeCameras,
  HeldRoom,
  type Shared,
} from '../support/machines/real/held-room.ts';
import type { Operation } from '../support/machines/real/paths.ts';
import { testRealPaths } from '../support/machines/real/play.ts';
import { type Answer, RealSource } from '../support/machines/real/source.ts';
import { pickOf } from '../support/machines/simulated-streams.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';

type Replacement = typeof streamReplacementMachine;
type Snapshot = SnapshotFrom<Replacement>;
type Event = PathEvent<Replacement>;
interface World {
  camera: boolean;
  screen: boolean;
  /** Number of a stream that was asked to close and does not end; 0 for none. */
  hanging: number;
  /** Whether the server sends: `waking` until the first frame after a pause. */
  flow: 'on' | 'paused' | 'waking';
}
type Doing = Operation<Replacement, World>;
type Opens = Answer;

afterAll(closeCameras);

const { elapsed } = eventsOf(streamReplacementMachine);
/** One failed open may be retried, a second one in a row may not. */
const input = { ...replacementInput, maxAttempts: 2 };
const settings = {
  ...sourceInput,
  sampling: { ...sourceInput.sampling, sink: 'none' as const },
  replacement: input,
};

const isOpen = (s: Snapshot) => s.matches('open');
const isEnding = (s: Snapshot) => s.value === 'closing' || s.value === 'abandoning';
/** The newer track is watched. */
const shownIn = ({ camera, screen }: World): Shared | null =>
  screen ? 'screen' : camera ? 'camera' : null;
const picked = (shared: Shared | null): Event => ({
  type: 'pick.changed',
  pick: shared && pickOf(shared),
});
/** A stream that is closed during a pause is switched on again for its next reader. */
const resumed = ({ flow }: World): Event[] =>
  flow === 'paused' ? [{ type: 'video.resumed' }] : [];
const closed = (streamId: number): Event => ({ type: 'stream.closed', streamId });
const answer = (s: Snapshot, opens: Opens = 'works'): Event => {
  const streamId = s.context.streamId + 1;
  return opens === 'works'
    ? { type: 'stream.opened', streamId }
    : { type: 'stream.openFailed', streamId, error: 'it does not open' };
};

/** A track is muted or unmuted, which changes the watched track. */
const turn = (shared: Shared, on: boolean, opens: Opens = 'works'): Doing => ({
  brings: (s, world) => {
    const next = shownIn({ ...world, [shared]: on });
    if (world[shared] === on || next === shownIn(world)) return null;
    if (isEnding(s)) return opens === 'works' ? [picked(next)] : null;
    const end = isOpen(s) ? [...resumed(world), closed(s.context.streamId)] : [];
    if (next !== null) return [picked(next), ...end, answer(s, opens)];
    return opens === 'works' ? [picked(null), ...end] : null;
  },
  changes: () => ({ [shared]: on, flow: 'on' }),
});
const onlyIf = (
  brings: (s: Snapshot, world: World) => Event[] | null,
  changes?: Doing['changes'],
): Doing => (changes ? { brings, changes } : { brings });
/** The next step when no stream is open any more. */
const afterwards = (s: Snapshot, world: World): Event[] =>
  s.value === 'closing' && shownIn(world) ? [answer(s)] : [];
const newStream = ({ context }: Snapshot) => ({ hanging: context.streamId });

testRealPaths(
  [
    {
      machine: streamReplacementMachine,
      input,
      world: { camera: false, screen: false, hanging: 0, flow: 'on' } as World,
      key: ({ context }: Snapshot) => [context.wanted?.sid, context.failures],
      operations: {
        'the camera is on': turn('camera', true),
        'the camera is on, and does not open': turn('camera', true, 'fails'),
        'the camera is off': turn('camera', false),
        'the screen is on': turn('screen', true),
        'the screen is on, and does not open': turn('screen', true, 'fails'),
        'the camera is off, and its stream does not end': onlyIf(
          (s, world) =>
            isOpen(s) && shownIn(world) === 'camera' && world.hanging === 0
              ? [picked(null), ...resumed(world)]
              : null,
          (s) => ({ ...newStream(s), camera: false, flow: 'on' }),
        ),
        'the camera is off, and the stream before ends first': onlyIf(
          (s, world) =>
            isOpen(s) && shownIn(world) === 'camera' && world.hanging > 0
              ? [picked(null), ...resumed(world), closed(world.hanging), closed(s.context.streamId)]
              : null,
          () => ({ camera: false, hanging: 0, flow: 'on' }),
        ),
        'the wait for its end times out': onlyIf((s, world) =>
          s.value === 'closing'
            ? [elapsed('closeTimeout', 'closing'), ...afterwards(s, world)]
            : s.value === 'abandoning'
              ? [elapsed('closeTimeout', 'abandoning')]
              : null,
        ),
        'the stream ends, late': onlyIf(
          (s, world) =>
            world.hanging === 0 || isOpen(s)
              ? null
              : world.hanging === s.context.streamId
                ? [closed(world.hanging), ...afterwards(s, world)]
                : [closed(world.hanging)],
          () => ({ hanging: 0 }),
        ),
        'a frame': onlyIf(
          (s) => (isOpen(s) ? [{ type: 'stream.frame', streamId: s.context.streamId }] : null),
          (_, { flow }) => ({ flow: flow === 'waking' ? 'on' : flow }),
        ),
        'no frame': onlyIf((s) =>
          s.matches({ open: 'starting' })
            ? [elapsed('stallAfter', 'open.starting')]
            : s.matches({ open: { live: 'fresh' } })
              ? [elapsed('stallAfter', 'open.live.fresh')]
              : null,
        ),
        'frames for a long time': onlyIf((s) =>
          s.matches({ open: 'live' }) ? [elapsed('healthyAfter', 'open.live')] : null,
        ),
        'the stream ends by itself': onlyIf(
          (s, world) => {
            const { streamId } = s.context;
            return isOpen(s)
              ? [{ type: 'stream.ended', streamId }, ...resumed(world), closed(streamId)]
              : null;
          },
          () => ({ flow: 'on' }),
        ),
        'the stream ends by itself, and does not close': onlyIf(
          (s, world) => {
            const { streamId } = s.context;
            return isOpen(s) && world.hanging === 0
              ? [{ type: 'stream.ended', streamId }, ...resumed(world)]
              : null;
          },
          (s) => ({ ...newStream(s), flow: 'on' }),
        ),
        'the next attempt works': onlyIf((s) =>
          s.value === 'backingOff' ? [elapsed('backOff', 'backingOff'), answer(s)] : null,
        ),
        'the next attempt fails': onlyIf((s) =>
          s.value === 'backingOff' ? [elapsed('backOff', 'backingOff'), answer(s, 'fails')] : null,
        ),
        'the next sample is far away': onlyIf(
          // A screen is never paused.
          (s, world) =>
            s.matches({ open: 'live' }) && world.flow === 'on' && shownIn(world) === 'camera'
              ? [{ type: 'video.paused' }]
              : null,
          () => ({ flow: 'paused' }),
        ),
        'the next sample is near': onlyIf(
          (s, { flow }) => (isOpen(s) && flow === 'paused' ? [{ type: 'video.resumed' }] : null),
          () => ({ flow: 'waking' }),
        ),
        'video goes off and on': onlyIf((s, world) =>
          s.value === 'idle' && !shownIn(world) ? [picked(null), picked(null)] : null,
        ),
      },
      make: async () => {
        const room = new HeldRoom();
        room.join(USER);
        for (const shared of ['camera', 'screen'] as const) {
          room.share(shared);
          room.grant(shared);
          room.mute(room.of(shared));
        }
        await settled();
        return Object.assign(new RealSource(room, settings, 'replacement'), { room });
      },
      does: {
        'the camera is on': ({ room }) => room.unmute(room.of('camera')),
        'the camera is on, and does not open': (world) =>
          world.failing(() => world.room.unmute(world.room.of('camera'))),
        'the camera is off': ({ room }) => room.mute(room.of('camera')),
        'the screen is on': ({ room }) => room.unmute(room.of('screen')),
        'the screen is on, and does not open': (world) =>
          world.failing(() => world.room.unmute(world.room.of('screen'))),
        'the camera is off, and its stream does not end': (world) =>
          world.hanging(() => world.room.mute(world.room.of('camera'))),
        'the camera is off, and the stream before ends first': async (world) => {
          world.hanging(() => world.room.mute(world.room.of('camera')));
          await world.endHanging();
        },
        'the wait for its end times out': ({ clock }) => clock.elapse(input.closeTimeoutMs),
        'the stream ends, late': (world) => world.endHanging(),
        'a frame': ({ room }) => {
          for (const shared of ['camera', 'screen'] as const)
            if (!room.of(shared).muted) cameraOf(shared).show(3);
        },
        'no frame': ({ clock }) => clock.elapse(input.stallAfterMs),
        'frames for a long time': ({ clock }) => clock.elapse(input.retryMaxMs),
        'the stream ends by itself': (world) => world.endStream(),
        'the stream ends by itself, and does not close': (world) =>
          world.hanging(() => world.endStream()),
        'the next attempt works': ({ clock }) => clock.elapse(input.retryBaseMs),
        'the next attempt fails': (world) =>
          world.failing(() => world.clock.elapse(input.retryBaseMs)),
        'the next sample is far away': ({ actor }) => {
          actor.send({ type: 'rate.changed', intervalMs: 10_000 });
          actor.send({ type: 'rate.tick' });
          actor.send({ type: 'sample.sent', frameId: 1 });
        },
        'the next sample is near': ({ actor }) => actor.send({ type: 'look.requested', lookId: 1 }),
        'video goes off and on': ({ actor }) => {
          actor.send({ type: 'mode.set', mode: 'off' });
          actor.send({ type: 'mode.set', mode: 'sampled' });
        },
      },
    },
  ],
  {
    // rtc-node opens a stream within the call: nothing comes in between, and it always answers.
    'streamReplacement.opening -- pick.changed': 'an open is over before another pick can come',
    'streamReplacement.opening -- xstate.after.openTimeout': 'an open always answers at once',
    'closing -- stream.openFailed': 'an open has answered before its stream is asked to close',
    'abandoning -- stream.openFailed': 'an open has answered before its stream is given up',
    'open -- pick.changed #0 [samePick]': 'discovery reports a pick only if it changed',
    'abandoning -- pick.changed #0 [samePick]': 'the same',
    'backingOff -- pick.changed #1 [samePick]': 'the same',
  },
);
