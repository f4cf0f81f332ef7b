import { and, assign, enqueueActions, fromCallback, sendTo, setup } from 'xstate';
import type { ModelKind } from '../source.ts';
import type { frameSamplingMachine } from './frame-sampling.machine.ts';
import type { FrameSamplingEvent, FrameSamplingInput } from './frame-sampling.types.ts';
import type { idlePauseMachine } from './idle-pause.machine.ts';
import type { IdlePauseEvent, IdlePauseInput } from './idle-pause.types.ts';
import type { lookMachine } from './look.machine.ts';
import type { LookEvent, LookInput } from './look.types.ts';
import type { Parent } from './parent.types.ts';
import type {
  RoomRequest,
  SourceContext,
  SourceEvent,
  SourceInput,
  SourceReport,
  StreamInput,
  StreamRequest,
} from './source.types.ts';
import type { streamReplacementMachine } from './stream-replacement.machine.ts';
import type { StreamReplacementEvent, StreamReplacementInput } from './stream-replacement.types.ts';
import type { trackDiscoveryMachine } from './track-discovery.machine.ts';
import type { TrackDiscoveryEvent, TrackDiscoveryInput } from './track-discovery.types.ts';
import type { turnMotionMachine } from './turn-motion.machine.ts';
import type { TurnMotionEvent, TurnMotionInput } from './turn-motion.types.ts';

type Part = { context: SourceContext; self: Parent<SourceEvent> };

const contextFromInput = ({ input }: { input: SourceInput }): SourceContext => ({
  ...input,
  pick: null,
  streamStatus: 'none',
  streams: [],
});
const discoveryInput = ({ context, self }: Part): TrackDiscoveryInput => ({
  ...context.discovery,
  parent: self,
  selector: context.selector,
});
const replacementInput = ({ context, self }: Part): StreamReplacementInput => ({
  ...context.replacement,
  parent: self,
});
const pauseInput = ({ context, self }: Part): IdlePauseInput => ({
  ...context.pause,
  parent: self,
});
const sinkOf = ({ model }: { model: ModelKind }) => (model === 'realtime' ? 'model' : 'none');
/** A realtime model sees the turn while it goes on. */
const motionLimit = ({ model, motion }: SourceContext) =>
  model === 'pipeline' ? motion.maxPictures : 0;
const samplingInput = ({ context, self }: Part): FrameSamplingInput => ({
  ...context.sampling,
  parent: self,
  sourceId: context.id,
  mode: context.mode,
  sink: sinkOf(context),
});
const lookInput = ({ context: { look, id, mode }, self }: Part): LookInput => ({
  ...look,
  parent: self,
  sourceId: id,
  mode,
});
const motionInput = ({ context, self }: Part): TurnMotionInput => ({
  ...context.motion,
  parent: self,
  sourceId: context.id,
  maxPictures: motionLimit(context),
});

const parentOf = ({ context }: { context: SourceContext }) => context.parent;

const missingCallback = (name: string) => () => {
  throw new Error(`provide ${name}`);
};
/** The stub of a child machine, with the child's own type: the child is known by type alone. */
const missingMachine = <T>(name: string) => fromCallback(missingCallback(name)) as unknown as T;

const statusIn = (event: SourceEvent) =>
  event.type === 'streamStatus.changed' ? event.streamStatus : null;

/** Samples that no frame was taken for: the one that was due is still to come. */
const NOT_TAKEN = ['busy', 'no-frame', 'off', 'overtaken'];

/**
 * One source that a session follows: the track that is watched, its stream, the rate at which a
 * realtime model gets its frames, the looks of the application and the pictures of a turn. A part
 * decides each of them; here they meet: what a part reports is what others have to know.
 */
export const sourceMachine = setup({
  types: {
    context: {} as SourceContext,
    events: {} as SourceEvent,
    input: {} as SourceInput,
  },
  actors: {
    /** Turns the room's events into `participant.*`, `track.*` and `room.*`. */
    roomEvents: fromCallback<RoomRequest>(missingCallback('roomEvents')),
    /** Reads one track, feeds the newest-frame slot, obeys `stream.*` requests. */
    videoStream: fromCallback<StreamRequest, StreamInput>(missingCallback('videoStream')),
    trackDiscovery: missingMachine<typeof trackDiscoveryMachine>('trackDiscovery'),
    streamReplacement: missingMachine<typeof streamReplacementMachine>('streamReplacement'),
    idlePause: missingMachine<typeof idlePauseMachine>('idlePause'),
    frameSampling: missingMachine<typeof frameSamplingMachine>('frameSampling'),
    look: missingMachine<typeof lookMachine>('look'),
    turnMotion: missingMachine<typeof turnMotionMachine>('turnMotion'),
  },
  guards: {
    startsOff: ({ context }) => context.mode === 'off',
    modeIsOff: ({ event }) => event.type === 'mode.set' && event.mode === 'off',
    streamIsLive: ({ event }) => statusIn(event) === 'live',
    streamIsPaused: ({ event }) => statusIn(event) === 'paused',
    streamIsStalled: ({ event }) => statusIn(event) === 'stalled',
    aStreamOpens: ({ event }) => statusIn(event) === 'opening',
    aModelTakesFrames: ({ context }) => context.model === 'realtime',
    modelGetsANewStream: and(['aModelTakesFrames', 'aStreamOpens']),
    aFrameWasTaken: ({ event }) =>
      event.type === 'sample.skipped' && !NOT_TAKEN.includes(event.reason),
  },
  actions: {
    report: sendTo(
      parentOf,
      ({ context, event }) => ({ ...event, sourceId: context.id }) as SourceReport,
    ),
    keepPick: assign(({ event }) => (event.type === 'pick.changed' ? { pick: event.pick } : {})),
    keepStatus: assign(({ event }) =>
      event.type === 'streamStatus.changed' ? { streamStatus: event.streamStatus } : {},
    ),
    keepModel: assign(({ event }) =>
      event.type === 'agent.modelChanged' ? { model: event.model } : {},
    ),
    tellSink: sendTo('sampling', ({ context }) => ({
      type: 'sink.changed',
      sink: sinkOf(context),
    })),
    limitMotion: sendTo('motion', ({ context }) => ({
      type: 'motion.limited',
      maxPictures: motionLimit(context),
    })),
    tellDiscovery: sendTo('discovery', ({ event }) => event as TrackDiscoveryEvent),
    tellReplacement: sendTo('replacement', ({ event }) => event as StreamReplacementEvent),
    tellPause: sendTo('pause', ({ event }) => event as IdlePauseEvent),
    tellSampling: sendTo('sampling', ({ event }) => event as FrameSamplingEvent),
    tellLook: sendTo('look', ({ event }) => event as LookEvent),
    tellMotion: sendTo('motion', ({ event }) => event as TurnMotionEvent),
    tellRoom: sendTo('room', ({ event }) => event as RoomRequest),
    needFrame: sendTo('pause', { type: 'frame.needed' }),
    endSample: sendTo('pause', { type: 'sample.done' }),
    replaceStream: sendTo('pause', { type: 'stream.replaced' }),
    takeSample: sendTo('sampling', { type: 'sample.due' }),
    awaitSample: sendTo('sampling', { type: 'sample.awaited' }),
    switchOff: enqueueActions(({ context, enqueue }) => {
      const { pick } = context;
      if (pick) enqueue.sendTo('room', { type: 'video.off', identity: pick.identity });
    }),
    switchOn: sendTo('room', { type: 'video.on' }),
    watchPick: sendTo('replacement', ({ context }) => ({
      type: 'pick.changed',
      pick: context.pick,
    })),
    watchNothing: sendTo('replacement', { type: 'pick.changed', pick: null }),
    pauseVideo: enqueueActions(({ context, enqueue }) => {
      for (const id of context.streams) enqueue.sendTo(`stream-${id}`, { type: 'stream.pause' });
      enqueue.sendTo('replacement', { type: 'video.paused' });
    }),
    resumeVideo: enqueueActions(({ context, enqueue }) => {
      for (const id of context.streams) enqueue.sendTo(`stream-${id}`, { type: 'stream.resume' });
      enqueue.sendTo('replacement', { type: 'video.resumed' });
    }),
    spawnStream: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'stream.openRequested') return;
      const { streamId, pick } = event;
      enqueue.assign({ streams: [...context.streams, streamId] });
      enqueue.spawnChild('videoStream', {
        id: `stream-${streamId}`,
        input: { sourceId: context.id, streamId, pick },
      });
    }),
    closeStream: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'stream.closeRequested') return;
      const { streamId } = event;
      if (context.streams.includes(streamId))
        enqueue.sendTo(`stream-${streamId}`, { type: 'stream.close' });
    }),
    forgetStream: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'stream.closed' && event.type !== 'stream.openFailed') return;
      const { streamId } = event;
      if (!context.streams.includes(streamId)) return;
      enqueue.assign({ streams: context.streams.filter((id) => id !== streamId) });
      enqueue.stopChild(`stream-${streamId}`);
    }),
  },
}).createMachine({
  id: 'source',
  description: 'One source that is followed',
  context: contextFromInput,
  invoke: [
    { src: 'trackDiscovery', id: 'discovery', input: discoveryInput },
    { src: 'streamReplacement', id: 'replacement', input: replacementInput },
    { src: 'idlePause', id: 'pause', input: pauseInput },
    { src: 'roomEvents', id: 'room' },
    { src: 'frameSampling', id: 'sampling', input: samplingInput },
    { src: 'look', id: 'look', input: lookInput },
    { src: 'turnMotion', id: 'motion', input: motionInput },
  ],
  initial: 'choosing',
  on: {
    'room.*': { actions: 'tellDiscovery', description: 'The connection changed' },
    'participant.*': { actions: 'tellDiscovery', description: 'A participant changed' },
    'track.*': { actions: 'tellDiscovery', description: 'A track changed' },
    'source.pinned': { actions: 'tellDiscovery', description: 'The application chose a track' },
    'subscription.*': {
      actions: 'tellRoom',
      description: 'A track is to be subscribed, or given back',
    },
    'pick.changed': {
      actions: ['keepPick', 'report', 'watchPick', 'tellMotion'],
      description: 'Another track is to be watched',
    },
    'stream.openRequested': {
      actions: ['spawnStream', 'replaceStream'],
      description: 'A stream gets its actor',
    },
    'stream.closeRequested': {
      actions: ['closeStream', 'replaceStream'],
      description: 'A stream is to end',
    },
    'stream.closed': {
      actions: ['tellReplacement', 'forgetStream'],
      description: 'A stream ended on request',
    },
    'stream.openFailed': {
      actions: ['tellReplacement', 'forgetStream'],
      description: 'A stream could not be opened',
    },
    'stream.frame': {
      actions: ['tellReplacement', 'tellPause'],
      description: 'A stream shows frames',
    },
    'stream.*': { actions: 'tellReplacement', description: 'A stream reports' },
    'streamStatus.changed': [
      { guard: 'streamIsLive', target: '.seeing', actions: ['keepStatus', 'report'] },
      { guard: 'streamIsPaused', target: '.paused', actions: ['keepStatus', 'report'] },
      { guard: 'streamIsStalled', target: '.stalled', actions: ['keepStatus', 'report'] },
      {
        guard: 'modelGetsANewStream',
        target: '.blind',
        actions: ['keepStatus', 'report', 'takeSample'],
        description: 'A new stream: its first frame is shown at once',
      },
      { target: '.blind', actions: ['keepStatus', 'report'] },
    ],
    'flow.*': { actions: 'tellPause', description: 'Every frame is wanted, or not any more' },
    'rate.*': { actions: 'tellPause', description: 'When samples are due' },
    'video.pauseRequested': { actions: 'pauseVideo', description: 'The next sample is far away' },
    'video.resumeRequested': { actions: 'resumeVideo', description: 'A frame is wanted soon' },
    'video.pauseGivenUp': {
      actions: 'report',
      description: 'The server did not come back in time: no more pauses',
    },
    'mode.set': [
      {
        guard: 'modeIsOff',
        target: '.closed',
        actions: ['watchNothing', 'tellSampling', 'tellLook'],
        description: 'Video goes off',
      },
      { actions: ['tellSampling', 'tellLook'], description: 'Another way to see' },
    ],
    'agent.modelChanged': {
      actions: ['keepModel', 'tellSink', 'limitMotion'],
      description: 'Another agent is active: frames go another way, or none',
    },
    'user.speaking': {
      actions: ['tellSampling', 'needFrame', 'tellMotion'],
      description: 'The user starts to speak',
    },
    'user.silent': { actions: ['tellSampling', 'tellMotion'], description: 'The user stopped' },
    'user.typed': { actions: 'takeSample', description: 'A typed turn goes with the newest frame' },
    'turn.committed': {
      actions: 'tellMotion',
      description: 'A turn became part of the conversation',
    },
    'motion.kept': { actions: 'report', description: 'Other pictures of the turn are kept' },
    'sample.due': { actions: 'tellSampling', description: 'The newest frame is wanted now' },
    'sample.sent': { actions: ['report', 'endSample'], description: 'The model got a frame' },
    'sample.skipped': [
      { guard: 'aFrameWasTaken', actions: ['report', 'endSample'], description: 'It was not sent' },
      { actions: 'report', description: 'The sample is still to come' },
    ],
    'sampler.failed': { actions: 'report', description: 'A custom sampler threw' },
    'look.requested': {
      actions: ['tellLook', 'needFrame'],
      description: 'The application wants one fresh frame',
    },
    'look.answered': [
      {
        guard: 'aModelTakesFrames',
        actions: ['report', 'takeSample'],
        description: 'The model is shown what the application sees',
      },
      { actions: 'report', description: 'The application has its frame' },
    ],
    'look.failed': { actions: 'report', description: 'No frame for the application' },
  },
  states: {
    choosing: {
      description: 'Is video on from the start?',
      always: [{ guard: 'startsOff', target: 'closed' }, { target: 'blind' }],
    },
    blind: { description: 'No frame comes' },
    seeing: { description: 'Frames come: the newest one is the one to show' },
    paused: {
      description: 'Nothing is sent until the next sample: the newest frame is an old one',
      on: {
        'user.typed': {
          actions: ['awaitSample', 'needFrame'],
          description: 'A typed turn waits for the next frame',
        },
      },
    },
    stalled: { description: 'The stream is open, and its frames stopped' },
    closed: {
      description: 'Video is off',
      entry: 'switchOff',
      exit: 'switchOn',
      on: {
        'pick.changed': {
          actions: ['keepPick', 'report', 'switchOff', 'tellMotion'],
          description: 'Remembered for later, and not to be sent until then',
        },
        'streamStatus.changed': {
          actions: ['keepStatus', 'report'],
          description: 'The last stream ends',
        },
        'mode.set': [
          { guard: 'modeIsOff', description: 'It is off already' },
          {
            target: 'blind',
            actions: ['watchPick', 'tellSampling', 'tellLook'],
            description: 'Video goes on again',
          },
        ],
      },
    },
  },
});
