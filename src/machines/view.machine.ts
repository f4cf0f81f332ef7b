import { and, enqueueActions, fromCallback, sendTo, setup } from 'xstate';
import type { frameSamplingMachine } from './frame-sampling.machine.ts';
import type { FrameSamplingEvent } from './frame-sampling.types.ts';
import type { lookMachine } from './look.machine.ts';
import type { LookEvent } from './look.types.ts';
import type { sightMachine } from './sight.machine.ts';
import type { SightRequest } from './sight.types.ts';
import type { turnMotionMachine } from './turn-motion.machine.ts';
import type { TurnMotionEvent } from './turn-motion.types.ts';
import type { ViewContext, ViewEvent, ViewInput, ViewReport } from './view.types.ts';

const contextFromInput = ({ input }: { input: ViewInput }): ViewContext => input;
const sightInput = ({ context }: { context: ViewContext }) => context.eyes;
const samplingInput = ({ context }: { context: ViewContext }) => context.sampling;
const lookInput = ({ context }: { context: ViewContext }) => context.look;
const motionInput = ({ context }: { context: ViewContext }) => context.motion;

const missingCallback = (name: string) => () => {
  throw new Error(`provide ${name}`);
};
/** The stub of a child machine, with the child's own type: the child is known by type alone. */
const missingMachine = <T>(name: string) => fromCallback(missingCallback(name)) as unknown as T;

/**
 * One source that the session follows: the eyes that see it, the rate at which a realtime model gets
 * its frames, the looks of the application, the pictures of how a turn went. A session has as many
 * views as sources.
 */
export const viewMachine = setup({
  types: {
    context: {} as ViewContext,
    events: {} as ViewEvent,
    emitted: {} as ViewReport,
    input: {} as ViewInput,
  },
  actors: {
    sight: missingMachine<typeof sightMachine>('sight'),
    frameSampling: missingMachine<typeof frameSamplingMachine>('frameSampling'),
    look: missingMachine<typeof lookMachine>('look'),
    turnMotion: missingMachine<typeof turnMotionMachine>('turnMotion'),
  },
  guards: {
    noFrameWasTaken: ({ event }) =>
      event.type === 'sample.skipped' && ['busy', 'no-frame', 'off'].includes(event.reason),
    videoRests: ({ event }) => event.type === 'sight.changed' && event.sight === 'paused',
    aModelTakesFrames: ({ context }) => context.sampling.sink === 'model',
    aStreamOpens: ({ event }) => event.type === 'sight.changed' && event.sight === 'opening',
    modelGetsANewStream: and(['aModelTakesFrames', 'aStreamOpens']),
  },
  actions: {
    report: enqueueActions(({ context, event, enqueue, self }) => {
      const report = { ...event, view: context.view } as ViewReport;
      enqueue.emit(report);
      if (self._parent) enqueue.sendTo(self._parent, report);
    }),
    tellSight: sendTo('sight', ({ event }) => event as SightRequest),
    tellSightOfNeed: sendTo('sight', { type: 'frame.needed' }),
    tellSightOfSample: sendTo('sight', { type: 'sample.done' }),
    tellSampling: sendTo('sampling', ({ event }) => event as FrameSamplingEvent),
    tellLook: sendTo('look', ({ event }) => event as LookEvent),
    tellMotion: sendTo('motion', ({ event }) => event as TurnMotionEvent),
    takeSample: sendTo('sampling', { type: 'sample.due' }),
    awaitSample: sendTo('sampling', { type: 'sample.awaited' }),
  },
}).createMachine({
  id: 'view',
  description: 'One source that is followed',
  context: contextFromInput,
  invoke: [
    { src: 'sight', id: 'sight', input: sightInput },
    { src: 'frameSampling', id: 'sampling', input: samplingInput },
    { src: 'look', id: 'look', input: lookInput },
    { src: 'turnMotion', id: 'motion', input: motionInput },
  ],
  on: {
    'source.pinned': { actions: 'tellSight', description: 'The application chose a track' },
    'mode.set': {
      actions: ['tellSight', 'tellSampling', 'tellLook'],
      description: 'Another way to see, or none',
    },
    'pick.changed': {
      actions: ['report', 'tellMotion'],
      description: 'Another track is to be watched',
    },
    'sight.changed': [
      { guard: 'videoRests', target: '.resting', actions: 'report' },
      {
        guard: 'modelGetsANewStream',
        target: '.awake',
        actions: ['report', 'takeSample'],
        description: 'A new stream: its first frame is shown at once',
      },
      { target: '.awake', actions: 'report', description: 'Frames come, or stop' },
    ],
    'video.pauseGivenUp': { actions: 'report', description: 'No more pauses' },
    'user.speaking': {
      actions: ['tellSampling', 'tellSightOfNeed', 'tellMotion'],
      description: 'The user starts to speak',
    },
    'user.silent': {
      actions: ['tellSampling', 'tellMotion'],
      description: 'The user stopped',
    },
    'turn.committed': {
      actions: 'tellMotion',
      description: 'A turn became part of the conversation',
    },
    'motion.kept': { actions: 'report', description: 'Other pictures of the turn are kept' },
    'sample.due': { actions: 'tellSampling', description: 'The newest frame is wanted now' },
    'flow.*': { actions: 'tellSight', description: 'Somebody wants every frame, or not any more' },
    'rate.*': { actions: 'tellSight', description: 'When samples are due' },
    'look.requested': {
      actions: ['tellLook', 'tellSightOfNeed'],
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
    'sample.sent': {
      actions: ['report', 'tellSightOfSample'],
      description: 'The model got a frame',
    },
    'sample.skipped': [
      { guard: 'noFrameWasTaken', actions: 'report', description: 'There was none to take' },
      { actions: ['report', 'tellSightOfSample'], description: 'A sample was not sent' },
    ],
    'sampler.failed': { actions: 'report', description: 'A custom sampler threw' },
  },
  initial: 'awake',
  states: {
    awake: {
      description: 'The newest frame is the one to show, where there is one',
      on: {
        'turn.typed': {
          actions: 'takeSample',
          description: 'A typed turn goes with the newest frame',
        },
      },
    },
    resting: {
      description: 'The video is paused, and the newest frame an old one',
      on: {
        'turn.typed': {
          actions: ['awaitSample', 'tellSightOfNeed'],
          description: 'A typed turn waits for the next frame',
        },
      },
    },
  },
});
