import { and, assign, enqueueActions, fromCallback, sendTo, setup } from 'xstate';
import type { ModelKind } from '../source.ts';
import type { frameSamplingMachine } from './frame-sampling.machine.ts';
import type { FrameSamplingEvent, FrameSamplingInput } from './frame-sampling.types.ts';
import type { idlePauseMachine } from './idle-pause.machine.ts';
import type { IdlePauseEvent } from './idle-pause.types.ts';
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
import type { StreamReplacementEvent } from './stream-replacement.types.ts';
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
const replacementInput = ({ context, self: parent }: Part) => ({ ...context.replacement, parent });
const pauseInput = ({ context: { pause }, self: parent }: Part) => ({ ...pause, parent });
const sinkOf = ({ model }: { model: ModelKind }) => (model === 'realtime' ? 'model' : 'none');
/** Only a pipeline model needs pictures of a turn: a realtime model sees the turn while it runs. */
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
/** A stub, cast to the type of the child machine that is provided later. */
const missingMachine = <T>(name: string) => fromCallback(missingCallback(name)) as unknown as T;

const statusIn = (event: SourceEvent) =>
  event.type === 'streamStatus.changed' ? event.streamStatus : null;

/** Skipped samples without a frame: the sample that was due is still pending. */
const NOT_TAKEN = ['busy', 'no-frame', 'off', 'overtaken'];

const ask = <What extends 'pause' | 'resume' | 'rest' | 'read'>(what: What) =>
  ({ type: 'askStreams', params: { type: `stream.${what}` } }) as const;

const TYPED_WAITS = {
  actions: ['awaitSample', 'needFrame'],
  description: 'A typed turn waits for the next frame',
} as const;

/**
 * One source that a session follows: the watched track, its stream, the rate at which a realtime
 * model gets frames, the looks of the application and the pictures of a turn. A child machine
 * decides each of these; this machine passes their reports to the children that need them.
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
    /** Reads one track, stores its newest frame, and handles `stream.*` requests. */
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
    updateSink: sendTo('sampling', ({ context }) => ({
      type: 'sink.changed',
      sink: sinkOf(context),
    })),
    limitMotion: sendTo('motion', ({ context }) => ({
      type: 'motion.limited',
      maxPictures: motionLimit(context),
    })),
    notifyDiscovery: sendTo('discovery', ({ event }) => event as TrackDiscoveryEvent),
    notifyReplacement: sendTo('replacement', ({ event }) => event as StreamReplacementEvent),
    notifyPause: sendTo('pause', ({ event }) => event as IdlePauseEvent),
    notifySampling: sendTo('sampling', ({ event }) => event as FrameSamplingEvent),
    notifyLook: sendTo('look', ({ event }) => event as LookEvent),
    notifyMotion: sendTo('motion', ({ event }) => event as TurnMotionEvent),
    notifyRoom: sendTo('room', ({ event }) => event as RoomRequest),
    needFrame: sendTo('pause', { type: 'frame.needed' }),
    endSample: sendTo('pause', { type: 'sample.done' }),
    replaceStream: sendTo('pause', ({ context }) => ({
      type: 'stream.replaced',
      isScreen: context.pick?.source === 'screen',
    })),
    takeSample: sendTo('sampling', { type: 'sample.due' }),
    awaitSample: sendTo('sampling', { type: 'sample.awaited' }),
    switchOff: enqueueActions(({ context: { pick }, enqueue }) => {
      if (pick) enqueue.sendTo('room', { type: 'video.off', identity: pick.identity });
    }),
    switchOn: sendTo('room', { type: 'video.on' }),
    watchPick: sendTo('replacement', ({ context: { pick } }) => ({ type: 'pick.changed', pick })),
    watchNothing: sendTo('replacement', { type: 'pick.changed', pick: null }),
    askStreams: enqueueActions(({ context, enqueue }, request: StreamRequest) => {
      for (const id of context.streams) enqueue.sendTo(`stream-${id}`, request);
    }),
    notePause: sendTo('replacement', { type: 'video.paused' }),
    noteFlow: sendTo('replacement', { type: 'video.resumed' }),
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
  description: 'One followed source',
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
    'room.*': { actions: 'notifyDiscovery', description: "The room's connection changed" },
    'participant.*': { actions: 'notifyDiscovery', description: 'A participant changed' },
    'track.*': { actions: 'notifyDiscovery', description: 'A track changed' },
    'source.pinned': { actions: 'notifyDiscovery', description: 'The pin changed' },
    'subscription.*': { actions: 'notifyRoom' },
    'pick.changed': {
      actions: ['keepPick', 'report', 'watchPick', 'notifyMotion'],
      description: 'Another track should be watched',
    },
    'stream.openRequested': { actions: ['spawnStream', 'replaceStream'] },
    'stream.closeRequested': { actions: ['closeStream', 'replaceStream'] },
    'stream.closed': {
      actions: ['notifyReplacement', 'forgetStream'],
      description: 'A stream closed',
    },
    'stream.openFailed': {
      actions: ['notifyReplacement', 'forgetStream'],
      description: 'A stream could not be opened',
    },
    'stream.frame': { actions: ['notifyReplacement', 'notifyPause'], description: 'Frames arrive' },
    'stream.*': { actions: 'notifyReplacement', description: 'The stream reported a change' },
    'streamStatus.changed': [
      { guard: 'streamIsLive', target: '.seeing', actions: ['keepStatus', 'report'] },
      { guard: 'streamIsPaused', target: '.paused', actions: ['keepStatus', 'report'] },
      { guard: 'streamIsStalled', target: '.stalled', actions: ['keepStatus', 'report'] },
      {
        guard: 'modelGetsANewStream',
        target: '.blind',
        actions: ['keepStatus', 'report', 'takeSample'],
        description: 'A stream is opening: the model gets its first frame at once',
      },
      { target: '.blind', actions: ['keepStatus', 'report'] },
    ],
    'flow.*': { actions: 'notifyPause', description: 'Every frame is needed, or not' },
    'rate.*': { actions: 'notifyPause', description: 'The rate changed, or ticked' },
    'video.pauseRequested': { actions: [ask('pause'), 'notePause'], description: 'A pause begins' },
    'video.resumeRequested': { actions: [ask('resume'), 'noteFlow'], description: 'A pause ends' },
    'video.pauseGivenUp': { actions: 'report', description: 'No more pauses' },
    'video.readRequested': { actions: ask('read'), description: 'A rest ends' },
    'mode.set': [
      {
        guard: 'modeIsOff',
        target: '.closed',
        actions: ['watchNothing', 'notifySampling', 'notifyLook'],
        description: 'Video off',
      },
      { actions: ['notifySampling', 'notifyLook'] },
    ],
    'agent.modelChanged': {
      actions: ['keepModel', 'updateSink', 'limitMotion'],
      description: 'Another agent is active: its model may get frames in another way',
    },
    'user.speaking': {
      actions: ['notifySampling', 'needFrame', 'notifyMotion'],
      description: 'The user starts to speak',
    },
    'user.silent': {
      actions: ['notifySampling', 'notifyMotion'],
      description: 'The user stopped speaking',
    },
    'user.typed': { actions: 'takeSample', description: 'A typed turn gets the newest frame' },
    'turn.committed': { actions: 'notifyMotion', description: 'A turn was kept' },
    'motion.kept': { actions: 'report', description: 'The kept pictures changed' },
    'sample.due': { actions: 'notifySampling', description: 'The newest frame should be sent now' },
    'sample.sent': { actions: ['report', 'endSample'], description: 'The model got a frame' },
    'sample.skipped': [
      {
        guard: 'aFrameWasTaken',
        actions: ['report', 'endSample'],
        description: 'The frame was taken, but not sent',
      },
      { actions: 'report', description: 'No frame was taken: the sample is still pending' },
    ],
    'sampler.failed': { actions: 'report', description: 'A custom sampler threw' },
    'look.requested': {
      actions: ['notifyLook', 'needFrame'],
      description: 'A look needs a fresh frame',
    },
    'look.answered': [
      {
        guard: 'aModelTakesFrames',
        actions: ['report', 'takeSample'],
        description: 'The realtime model also gets the frame that the application got',
      },
      { actions: 'report', description: 'The look got its frame' },
    ],
    'look.failed': { actions: 'report', description: 'The look got no frame' },
  },
  states: {
    choosing: {
      description: 'Is video on from the start?',
      always: [{ guard: 'startsOff', target: 'closed' }, { target: 'blind' }],
    },
    blind: { description: 'No frames arrive' },
    seeing: {
      description: 'Frames arrive',
      on: {
        'video.restRequested': {
          target: 'resting',
          actions: ask('rest'),
          description: 'A rest begins',
        },
      },
    },
    resting: {
      description: 'Frames arrive, and none is read, so the newest frame is old',
      on: {
        'video.readRequested': {
          target: 'seeing',
          actions: ask('read'),
          description: 'A rest ends',
        },
        'user.typed': TYPED_WAITS,
      },
    },
    paused: {
      description: 'The server sends no frames until the next sample, so the newest frame is old',
      on: { 'user.typed': TYPED_WAITS },
    },
    stalled: { description: 'The stream is open, but its frames stopped' },
    closed: {
      description: 'Video is off',
      entry: 'switchOff',
      exit: 'switchOn',
      on: {
        'pick.changed': {
          actions: ['keepPick', 'report', 'switchOff', 'notifyMotion'],
          description: 'Remember the track, and keep its video off',
        },
        'streamStatus.changed': {
          actions: ['keepStatus', 'report'],
          description: 'The last stream closes',
        },
        'mode.set': [
          { guard: 'modeIsOff', description: 'Video is off already' },
          {
            target: 'blind',
            actions: ['watchPick', 'notifySampling', 'notifyLook'],
            description: 'Video is switched on again',
          },
        ],
      },
    },
  },
});
