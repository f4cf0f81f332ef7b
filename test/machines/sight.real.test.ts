import type { TrackInfo } from '../../src/source.ts';
import '../support/quiet.ts';
import { dispose } from '@livekit/rtc-node';
import { afterAll } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { sightMachine } from '../../src/machines/sight.machine.ts';
import { USER } from '../../src/testing/identities.ts';
import { sightInput } from '../support/machines/inputs.ts';
import { cameraOf, closeCameras, HeldRoom, RealEyes } from '../support/machines/real/eyes.ts';
import type { Deed } from '../support/machines/real/paths.ts';
import { type Play, testRealPaths } from '../support/machines/real/play.ts';
import { pickOf } from '../support/machines/simulated-streams.ts';
import type { PathEvent } from '../support/paths.ts';

type Sight = typeof sightMachine;
type Snapshot = SnapshotFrom<Sight>;
type Event = PathEvent<Sight>;
interface World {
  user: 'out' | 'in';
  camera: 'none' | 'offered' | 'asked' | 'on' | 'muted';
  stream: 'none' | 'open' | 'retrying' | 'failed';
  flow: 'on' | 'paused' | 'waking' | 'given up';
}
type Doing = Deed<Sight, World>;
type Real = RealEyes & { room: HeldRoom };

afterAll(async () => {
  await closeCameras();
  await dispose();
});

const { discovery, replacement, pause } = sightInput;
const pick = pickOf('camera');
const sid = 'camera';
const info: TrackInfo = {
  ...pick,
  muted: false,
  subscribed: false,
  onBehalfOf: null,
};
/** Numbers of streams are no business of the machine's states. */
const streamId = 1;
const sight = (now: 'opening' | 'live' | 'paused' | 'stalled' | 'none'): Event => ({
  type: 'streamStatus.changed',
  sight: now,
  pick,
  error: null,
});
const opens: Event[] = [{ type: 'stream.openRequested', streamId, pick }];
const opened: Event = { type: 'stream.opened', streamId };
const closes: Event = { type: 'stream.closeRequested', streamId };
const closed: Event = { type: 'stream.closed', streamId };
/** A stream that is closed in a pause is switched on again for whoever reads it next. */
const resumed = ({ flow }: World): Event[] =>
  flow === 'paused' ? [{ type: 'video.resumeRequested' }] : [];
const picked = (now: typeof pick | null): Event => ({
  type: 'pick.changed',
  pick: now,
  previous: null,
  reason: '',
});
const isClosed = (s: Snapshot) => s.value === 'closed';
const shows = (s: Snapshot): Event[] =>
  isClosed(s) ? [picked(pick)] : [picked(pick), ...opens, sight('opening'), opened];
const hides = (s: Snapshot, world: World): Event[] =>
  isClosed(s) || world.stream !== 'open'
    ? [picked(null)]
    : [picked(null), closes, ...resumed(world)];
const onlyIf = (
  brings: (s: Snapshot, world: World) => Event[] | null,
  changes: (s: Snapshot, world: World) => Partial<World> = () => ({}),
): Doing => ({ brings, changes });
const whereOpen = (s: Snapshot) => ({
  stream: isClosed(s) ? ('none' as const) : ('open' as const),
  flow: 'on' as const,
});

const play: Play<Sight, World, Real> = {
  machine: sightMachine,
  input: sightInput,
  start: [sight('none'), { type: 'room.synced', tracks: [] }],
  world: { user: 'out', camera: 'none', stream: 'none', flow: 'on' },
  key: ({ context }) => [context.pick?.sid],
  deeds: {
    'the user joins': onlyIf(
      (_, { user }) => (user === 'out' ? [{ type: 'participant.linked', identity: USER }] : null),
      () => ({ user: 'in' }),
    ),
    'a camera': onlyIf(
      (_, { user, camera }) =>
        user === 'in' && camera === 'none' ? [{ type: 'track.published', track: info }] : null,
      () => ({ camera: 'offered' }),
    ),
    'its subscription is asked for': onlyIf(
      (_, { camera }) => (camera === 'offered' ? [{ type: 'subscription.wanted', sid }] : null),
      () => ({ camera: 'asked' }),
    ),
    'it is subscribed': onlyIf(
      (s, { camera }) =>
        camera === 'asked' ? [{ type: 'track.subscribed', sid }, ...shows(s)] : null,
      (s) => ({ camera: 'on', ...whereOpen(s) }),
    ),
    'a frame': onlyIf(
      (s, { stream, flow }) => {
        if (stream !== 'open') return null;
        const frame: Event = { type: 'stream.frame', streamId };
        return s.value === 'seeing' && flow === 'on' ? [frame] : [frame, ...seen(s)];
      },
      (_, { flow }) => ({ flow: flow === 'waking' ? 'on' : flow }),
    ),
    'no frame': onlyIf((s, { stream }) =>
      stream === 'open' && s.value === 'seeing' ? [sight('stalled')] : null,
    ),
    'samples are far apart': onlyIf(
      (s, { stream, flow }) =>
        s.value === 'seeing' && stream === 'open' && flow === 'on'
          ? [
              { type: 'rate.changed', intervalMs: 10_000 },
              { type: 'rate.tick' },
              { type: 'sample.done' },
              { type: 'video.pauseRequested' },
              sight('paused'),
            ]
          : null,
      () => ({ flow: 'paused' }),
    ),
    'the application looks': onlyIf(
      (_, { flow }) =>
        flow === 'paused' ? [{ type: 'frame.needed' }, { type: 'video.resumeRequested' }] : null,
      () => ({ flow: 'waking' }),
    ),
    'nothing comes': onlyIf(
      (_, { flow }) => (flow === 'waking' ? [{ type: 'video.pauseGivenUp', waitedMs: 0 }] : null),
      () => ({ flow: 'given up' }),
    ),
    'it is muted': onlyIf(
      (s, world) => {
        if (world.camera !== 'on') return null;
        const end = !isClosed(s) && world.stream === 'open' ? [closed] : [];
        const muted: Event[] = [{ type: 'track.muted', sid }, ...hides(s, world), ...end];
        return isClosed(s) ? muted : [...muted, sight('none')];
      },
      () => ({ camera: 'muted', stream: 'none', flow: 'on' }),
    ),
    'it is unmuted': onlyIf(
      (s, { camera }) =>
        camera === 'muted' ? [{ type: 'track.unmuted', sid }, ...shows(s)] : null,
      (s) => ({ camera: 'on', ...whereOpen(s) }),
    ),
    'the stream ends by itself': onlyIf(
      (_, world) =>
        world.stream === 'open'
          ? [{ type: 'stream.ended', streamId }, closes, ...resumed(world), closed]
          : null,
      () => ({ stream: 'retrying', flow: 'on' }),
    ),
    'the next attempt works': onlyIf(
      (_, { stream }) => (stream === 'retrying' ? [...opens, opened, sight('opening')] : null),
      () => ({ stream: 'open' }),
    ),
    'the next attempt fails': onlyIf(
      (_, { stream }) =>
        stream === 'retrying'
          ? [...opens, { type: 'stream.openFailed', streamId, error: '' }, sight('opening')]
          : null,
      () => ({ stream: 'failed' }),
    ),
    'video goes off': onlyIf(
      (s, world) => {
        const off: Event = { type: 'mode.set', mode: 'off' };
        if (world.stream === 'retrying' || world.stream === 'failed') return null;
        if (isClosed(s) || world.stream === 'none') return [off];
        return [off, closes, ...resumed(world), closed, sight('none')];
      },
      () => ({ stream: 'none', flow: 'on' }),
    ),
    'video goes on': onlyIf(
      (s, { camera }) => {
        const on: Event = { type: 'mode.set', mode: 'sampled' };
        if (!isClosed(s)) return null;
        return camera === 'on' ? [on, ...opens, sight('opening'), opened] : [on];
      },
      (_, { camera }) => ({ stream: camera === 'on' ? 'open' : 'none' }),
    ),
    'the application wants the camera': onlyIf((_, { user, stream }) =>
      user === 'in' && stream === 'none' ? [{ type: 'source.pinned', selector: 'camera' }] : null,
    ),
    'somebody wants every frame, for a moment': onlyIf((_, { user, stream }) =>
      user === 'in' && stream === 'none'
        ? [{ type: 'flow.held' }, { type: 'flow.released' }]
        : null,
    ),
  },
  make: () => {
    const room = new HeldRoom();
    return Object.assign(new RealEyes(room, sightInput, 'sight'), { room });
  },
  does: {
    'the user joins': ({ room }) => room.join(USER),
    'a camera': ({ room }) => room.share('camera'),
    'its subscription is asked for': ({ clock }) => clock.elapse(discovery.subscribeGraceMs),
    'it is subscribed': ({ room }) => room.grant('camera'),
    'a frame': () => cameraOf('camera').show(3),
    'no frame': ({ clock }) => clock.elapse(replacement.stallAfterMs),
    'samples are far apart': ({ actor }) => {
      actor.send({ type: 'rate.changed', intervalMs: 10_000 });
      actor.send({ type: 'rate.tick' });
      actor.send({ type: 'sample.done' });
    },
    'the application looks': ({ actor }) => actor.send({ type: 'frame.needed' }),
    'somebody wants every frame, for a moment': ({ actor }) => {
      actor.send({ type: 'flow.held' });
      actor.send({ type: 'flow.released' });
    },
    'nothing comes': ({ clock }) => clock.elapse(pause.wakeTimeoutMs),
    'it is muted': ({ room }) => room.mute(room.of('camera')),
    'it is unmuted': ({ room }) => room.unmute(room.of('camera')),
    'the stream ends by itself': (world) => world.endStream(),
    'the next attempt works': ({ clock }) => clock.elapse(replacement.retryBaseMs),
    'the next attempt fails': (world) =>
      world.failing(() => world.clock.elapse(replacement.retryBaseMs)),
    'video goes off': ({ actor }) => actor.send({ type: 'mode.set', mode: 'off' }),
    'video goes on': ({ actor }) => actor.send({ type: 'mode.set', mode: 'sampled' }),
    'the application wants the camera': ({ actor }) =>
      actor.send({ type: 'source.pinned', selector: 'camera' }),
  },
};

/** The first frame after another state than that of live video. */
function seen({ value }: Snapshot): Event[] {
  return value === 'seeing' ? [] : [sight('live')];
}

const off: Play<Sight, World, Real> = {
  ...play,
  input: { ...sightInput, mode: 'off' },
  make: () => {
    const room = new HeldRoom();
    const input = { ...sightInput, mode: 'off' } as const;
    return Object.assign(new RealEyes(room, input, 'sight'), { room });
  },
};

testRealPaths([play, off], {});
