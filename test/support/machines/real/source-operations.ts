import type { SnapshotFrom } from 'xstate';
import type { sourceMachine } from '../../../../src/machines/source.machine.ts';
import type { StreamStatus, TrackInfo } from '../../../../src/source.ts';
import { USER } from '../../../../src/testing/identities.ts';
import type { PathEvent } from '../../paths.ts';
import { sourceInput } from '../inputs.ts';
import type { SettingsFrom } from '../parent.ts';
import { pickOf } from '../simulated-streams.ts';
import type { Operation } from './paths.ts';

type Source = typeof sourceMachine;
type Snapshot = SnapshotFrom<Source>;
type Event = PathEvent<Source>;
/** State that the machine does not know, or leaves to its parts. */
export interface SourceWorld {
  user: 'out' | 'in';
  camera: 'none' | 'offered' | 'asked' | 'on' | 'muted';
  stream: 'none' | 'open' | 'backingOff' | 'failed';
  flow: 'on' | 'paused' | 'waking' | 'given up';
  /** `missing`: the next frame goes to the model. */
  sample: 'free' | 'missing';
  /** When the rate needs its next sample. */
  next: 'near' | 'far';
}
type Doing = Operation<Source, SourceWorld>;

/** Far enough for a pause, in ms. */
export const SILENT_MS = 10_000;
/** A source of a realtime model. */
export const realtimeInput: SettingsFrom<Source> = {
  ...sourceInput,
  sampling: { intervals: { speakingMs: 1_000, silentMs: SILENT_MS } },
  motion: { ...sourceInput.motion, maxPictures: 0 },
  // The camera shows a frame when a test wants one.
  pause: {
    ...sourceInput.pause,
    rest: { ...sourceInput.pause.rest, maxFrameGapMs: Number.MAX_SAFE_INTEGER },
  },
};
/** Between two samples of a user who speaks, in ms, from a sample to the end of the rest. */
export const REST_MS = 1_000 - sourceInput.pause.rest.leadMs;
const pick = pickOf('camera');
const sid = 'camera';
const info: TrackInfo = { ...pick, muted: false, subscribed: false, onBehalfOf: null };
/** Numbers of streams, frames and looks do not affect the machine's states. */
const [streamId, frameId, lookId] = [1, 1, 1];
const status = (streamStatus: StreamStatus): Event => ({
  type: 'streamStatus.changed',
  streamStatus,
  pick,
  error: null,
});
const opens: Event = { type: 'stream.openRequested', streamId, pick };
const opened: Event = { type: 'stream.opened', streamId };
const closes: Event = { type: 'stream.closeRequested', streamId };
const closed: Event = { type: 'stream.closed', streamId };
const frame: Event = { type: 'stream.frame', streamId };
const rate: Event = { type: 'rate.changed', intervalMs: SILENT_MS };
const resumes: Event = { type: 'video.resumeRequested' };
const asked: Event = { type: 'look.requested', lookId };
const answered: Event = { type: 'look.answered', lookIds: [lookId], frameId };
const failed: Event = { type: 'look.failed', lookIds: [lookId], reason: 'timeout' };
const kept: Event = { type: 'motion.kept', frameIds: [] };
const sent: Event = { type: 'sample.sent', frameId };
const skipped = (reason: 'no-frame' | 'restarting'): Event => ({
  type: 'sample.skipped',
  frameId: null,
  reason,
});
const picked = (now: typeof pick | null): Event => ({
  type: 'pick.changed',
  pick: now,
  previous: null,
  reason: '',
});
/** A stream that is closed during a pause is resumed for its next reader. */
const resumed = ({ flow }: SourceWorld) => (flow === 'paused' ? [resumes] : []);
const isClosed = (s: Snapshot) => s.value === 'closed';
/** The first frame after a state other than live. */
const seen = (s: Snapshot) => (s.value === 'seeing' ? [frame] : [frame, status('live')]);
/** With this frame the video flows and a sample ends: is the video paused next? */
const pauses = ({ flow, next }: SourceWorld) => flow !== 'given up' && next === 'far';
const paused = (world: SourceWorld) =>
  pauses(world) ? [{ type: 'video.pauseRequested' } as const, status('paused')] : [];
const afterSample = (world: SourceWorld): Partial<SourceWorld> => ({
  sample: 'free',
  flow: pauses(world) ? 'paused' : world.flow === 'given up' ? 'given up' : 'on',
});
const onlyIf = (
  brings: (s: Snapshot, world: SourceWorld) => Event[] | null,
  changes: (s: Snapshot, world: SourceWorld) => Partial<SourceWorld> = () => ({}),
): Doing => ({ brings, changes });
/** Events that are only passed on: once is enough. */
const atStart = (...events: Event[]) =>
  onlyIf((s, { user }) => (user === 'out' && !isClosed(s) ? events : null));
/** Frames arrive, none is on its way to the model, and one comes now. */
const withFrame = (
  events: (world: SourceWorld) => Event[],
  change: (world: SourceWorld) => Partial<SourceWorld> = () => ({}),
): Doing =>
  onlyIf(
    (s, world) => {
      const { stream, sample, flow } = world;
      const can = stream === 'open' && sample === 'free' && flow !== 'paused';
      return can && s.value === 'seeing'
        ? [frame, ...events({ ...world, ...change(world) })]
        : null;
    },
    (_, world) => ({ ...change(world), ...afterSample({ ...world, ...change(world) }) }),
  );
/** A sample of a user who speaks, and the rest after it. */
const rests: Event[] = [
  { type: 'user.speaking' },
  rate,
  frame,
  { type: 'rate.tick' },
  sent,
  { type: 'video.restRequested' },
];
const reads: Event = { type: 'video.readRequested' };
const whereItRests = (events: Event[], changes: Partial<SourceWorld> = {}): Doing =>
  onlyIf(
    (s, { stream, sample, flow }) =>
      stream === 'open' && sample === 'free' && flow === 'on' && s.value === 'seeing'
        ? [...rests, ...events]
        : null,
    () => ({ next: 'near', ...changes }),
  );
const byRate = (end: Event) =>
  withFrame(
    (world) => [{ type: 'rate.tick' }, end, ...paused(world)],
    () => ({ next: 'far' }),
  );
const whereOpen = (s: Snapshot): Partial<SourceWorld> =>
  isClosed(s) ? { stream: 'none', flow: 'on' } : { stream: 'open', flow: 'on', sample: 'missing' };
const shows = (s: Snapshot): Event[] =>
  isClosed(s)
    ? [picked(pick)]
    : [picked(pick), opens, status('opening'), opened, skipped('no-frame')];
const hides = (s: Snapshot, world: SourceWorld): Event[] => {
  if (isClosed(s)) return [picked(null)];
  if (world.stream !== 'open') return [picked(null), status('none')];
  return [picked(null), closes, ...resumed(world), closed, status('none')];
};

const untilSubscribed: Record<string, Doing> = {
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
};

export const realtimeOperations: Record<string, Doing> = {
  ...untilSubscribed,
  'it is subscribed': onlyIf(
    (s, { camera }) =>
      camera === 'asked' ? [{ type: 'track.subscribed', sid }, ...shows(s)] : null,
    (s) => ({ camera: 'on', ...whereOpen(s) }),
  ),
  'a frame': onlyIf(
    (s, world) => {
      if (world.stream !== 'open') return null;
      return world.sample === 'free' ? seen(s) : [...seen(s), sent, ...paused(world)];
    },
    (_, world) => {
      if (world.sample === 'missing') return afterSample(world);
      return { flow: world.flow === 'waking' ? 'on' : world.flow };
    },
  ),
  'no frame': onlyIf((s, { stream }) =>
    stream === 'open' && s.value === 'seeing' ? [status('stalled')] : null,
  ),
  'a sample of the rate': byRate(sent),
  'a sample of the rate that the model refuses': byRate(skipped('restarting')),
  'an extra sample': withFrame((world) => [{ type: 'sample.due' }, sent, ...paused(world)]),
  'the next sample is near': onlyIf(
    (_, world) => (world.next === 'far' ? resumed(world) : null),
    (_, { flow }) => ({ next: 'near', flow: flow === 'paused' ? 'waking' : flow }),
  ),
  'nothing comes': onlyIf(
    (_, { flow }) => (flow === 'waking' ? [{ type: 'video.pauseGivenUp', waitedMs: 0 }] : null),
    () => ({ flow: 'given up' }),
  ),
  'the user types': onlyIf(
    (s, world) => {
      const { flow, sample } = world;
      const waits = s.value === 'paused' && flow === 'paused' && sample === 'free';
      return waits ? [{ type: 'user.typed' }, resumes] : null;
    },
    () => ({ flow: 'waking', sample: 'missing' }),
  ),
  'the user types while frames come': withFrame((world) => [
    { type: 'user.typed' },
    sent,
    ...paused(world),
  ]),
  'the application looks': onlyIf(
    (s, world) => {
      if (world.stream !== 'open' || world.sample !== 'free') return null;
      return [asked, ...resumed(world), ...seen(s), answered, sent, ...paused(world)];
    },
    (_, world) => afterSample(world),
  ),
  'a look of the application that fails': onlyIf(
    (s, world) => {
      if (isClosed(s)) return [asked, { ...failed, reason: 'off' } as Event];
      return [asked, ...resumed(world), failed];
    },
    (_, { flow }) => ({ flow: flow === 'paused' ? 'waking' : flow }),
  ),
  'the user speaks, for a moment': onlyIf(
    (s, world) => {
      if (isClosed(s)) return [{ type: 'user.speaking' }, { type: 'user.silent' }];
      return [{ type: 'user.speaking' }, rate, ...resumed(world), { type: 'user.silent' }, rate];
    },
    (s, { flow }) =>
      isClosed(s) ? {} : { next: 'near', flow: flow === 'paused' ? 'waking' : flow },
  ),
  'a rest while the user speaks': whereItRests([reads, { type: 'user.silent' }, rate]),
  'the user types during a rest': whereItRests(
    [{ type: 'user.typed' }, reads, { type: 'user.silent' }, rate],
    { sample: 'missing' },
  ),
  'video goes off during a rest': whereItRests(
    [
      { type: 'mode.set', mode: 'off' },
      closes,
      rate,
      reads,
      closed,
      status('none'),
      { type: 'user.silent' },
    ],
    { stream: 'none' },
  ),
  'it is muted': onlyIf(
    (s, world) =>
      world.camera === 'on' ? [{ type: 'track.muted', sid }, ...hides(s, world)] : null,
    () => ({ camera: 'muted', stream: 'none', flow: 'on' }),
  ),
  'it is unmuted': onlyIf(
    (s, { camera }) => (camera === 'muted' ? [{ type: 'track.unmuted', sid }, ...shows(s)] : null),
    (s) => ({ camera: 'on', ...whereOpen(s) }),
  ),
  'the stream ends by itself': onlyIf(
    (_, world) =>
      world.stream === 'open'
        ? [{ type: 'stream.ended', streamId }, closes, ...resumed(world), closed]
        : null,
    () => ({ stream: 'backingOff', flow: 'on' }),
  ),
  'the next attempt works': onlyIf(
    (_, { stream }) =>
      stream === 'backingOff' ? [opens, opened, status('opening'), skipped('no-frame')] : null,
    () => ({ stream: 'open', sample: 'missing' }),
  ),
  'the next attempt fails': onlyIf(
    (_, { stream }) =>
      stream === 'backingOff'
        ? [
            opens,
            { type: 'stream.openFailed', streamId, error: '' },
            status('opening'),
            skipped('no-frame'),
          ]
        : null,
    () => ({ stream: 'failed', sample: 'missing' }),
  ),
  'video goes off': onlyIf(
    (s, world) => {
      const off: Event = { type: 'mode.set', mode: 'off' };
      if (world.stream === 'backingOff' || world.stream === 'failed') return null;
      if (isClosed(s)) return [off];
      if (world.stream === 'none') return [off, rate];
      return [off, closes, rate, ...resumed(world), closed, status('none')];
    },
    () => ({ stream: 'none', flow: 'on', sample: 'free', next: 'near' }),
  ),
  'video goes on': onlyIf(
    (s, { camera }) => {
      const on: Event = { type: 'mode.set', mode: 'sampled' };
      if (!isClosed(s)) return null;
      if (camera !== 'on') return [on, rate];
      return [on, opens, status('opening'), rate, opened, skipped('no-frame')];
    },
    (_, { camera }) => (camera === 'on' ? { stream: 'open', sample: 'missing' } : {}),
  ),
  'another mode for a moment': atStart(
    { type: 'mode.set', mode: 'onDemand' },
    rate,
    { type: 'mode.set', mode: 'sampled' },
    rate,
  ),
  'the application wants the camera': onlyIf((_, { user, stream }) =>
    user === 'in' && stream === 'none' ? [{ type: 'source.pinned', selector: 'camera' }] : null,
  ),
  'every frame is needed for a moment': onlyIf((_, { user, stream }) =>
    user === 'in' && stream === 'none' ? [{ type: 'flow.held' }, { type: 'flow.released' }] : null,
  ),
  'another agent': atStart(
    { type: 'agent.modelChanged', model: 'realtime', reason: null },
    rate,
    kept,
  ),
  'a turn is over': atStart({ type: 'turn.committed' }),
  'the sampler throws': atStart({ type: 'sampler.failed', error: '' }),
};

/** The same source for a model that gets frames with its turns only. */
export const pipelineInput: SettingsFrom<Source> = {
  ...sourceInput,
  model: 'pipeline',
};

export const pipelineOperations: Record<string, Doing> = {
  ...untilSubscribed,
  'it is subscribed': onlyIf(
    (_, { camera }) =>
      camera === 'asked'
        ? [{ type: 'track.subscribed', sid }, picked(pick), opens, status('opening'), kept, opened]
        : null,
    () => ({ camera: 'on', stream: 'open' }),
  ),
  'the application looks': onlyIf((s, { stream }) =>
    stream === 'open' ? [asked, ...seen(s), answered] : null,
  ),
};
