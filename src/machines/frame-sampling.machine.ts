import {
  assign,
  enqueueActions,
  fromCallback,
  fromPromise,
  not,
  raise,
  sendTo,
  setup,
  stateIn,
} from 'xstate';
import type { FrameRef } from '../frame.ts';
import type {
  CaptureResult,
  FrameSamplingContext,
  FrameSamplingEvent,
  FrameSamplingInput,
  OfSource,
  PushOutcome,
  SamplerInput,
  SkipReason,
} from './frame-sampling.types.ts';

const contextFromInput = ({ input }: { input: FrameSamplingInput }): FrameSamplingContext => ({
  ...input,
  frameId: null,
  sampled: 0,
  sent: 0,
  skipped: {},
  samplerErrors: 0,
});

const parentOf = ({ context }: { context: FrameSamplingContext }) => context.parent;

const missing = (name: string) => () => Promise.reject(new Error(`provide ${name}`));

const machineSetup = setup({
  types: {
    context: {} as FrameSamplingContext,
    events: {} as FrameSamplingEvent,
    input: {} as FrameSamplingInput,
  },
  actors: {
    /** Sends `sample.due`: at a rate, or when a custom sampler takes a candidate. */
    sampler: fromCallback<FrameSamplingEvent, SamplerInput>(() => {
      throw new Error('provide sampler');
    }),
    /** Takes the newest frame and encodes it. */
    captureNewest: fromPromise<CaptureResult, OfSource>(missing('captureNewest')),
    /** Hands the encoded frame to the model. */
    pushFrame: fromPromise<PushOutcome, OfSource & { frameId: number }>(missing('pushFrame')),
    /** The first frame that arrives from now on. */
    freshFrame: fromPromise<FrameRef, OfSource>(missing('freshFrame')),
  },
  guards: {
    modeIsOff: ({ event }) => event.type === 'mode.set' && event.mode === 'off',
    startsOff: ({ context }) => context.mode === 'off',
    startsOnDemand: ({ context }) => context.mode === 'onDemand',
    noModelTakesFrames: ({ context }) => context.sink === 'none',
    aModelTakesFrames: ({ context }) => context.sink === 'model',
    userIsSpeaking: stateIn({ user: 'speaking' }),
    samplingIsOff: stateIn({ mode: 'off' }),
    samplingIsOn: not('samplingIsOff'),
    itIsDueByRate: ({ event }) => event.type === 'sample.due' && event.byRate === true,
    aFrameWasCaptured: (_, params: { frameId: number | null }) => params.frameId !== null,
    aFrameWasSent: (_, params: { result: string }) => params.result === 'sent',
    aNewerFrameIsThere: (_, params: { result: string }) => params.result === 'overtaken',
  },
  actions: {
    setSink: assign(({ event }) => (event.type === 'sink.changed' ? { sink: event.sink } : {})),
    setMode: assign(({ event }) => (event.type === 'mode.set' ? { mode: event.mode } : {})),
    askForSample: raise({ type: 'sample.due' }),
    holdFrame: assign(({ context }, params: { frameId: number | null }) => ({
      frameId: params.frameId,
      sampled: context.sampled + 1,
    })),
    announceRate: sendTo(
      parentOf,
      ({ context }, params: { of: 'speaking' | 'silent' | 'none' }) => {
        const { speakingMs, silentMs } = context.intervals;
        const intervalMs = { speaking: speakingMs, silent: silentMs, none: null }[params.of];
        return { type: 'rate.changed', intervalMs } as const;
      },
    ),
    announceTick: sendTo(parentOf, { type: 'rate.tick' }),
    countSamplerError: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'sampler.failed') return;
      enqueue.assign({ samplerErrors: context.samplerErrors + 1 });
      enqueue.sendTo(context.parent, event);
    }),
    countSent: enqueueActions(({ context, enqueue }) => {
      if (context.frameId === null) return;
      const report = { type: 'sample.sent', frameId: context.frameId } as const;
      enqueue.assign({ sent: context.sent + 1, frameId: null });
      enqueue.sendTo(context.parent, report);
    }),
    countSkipped: enqueueActions(({ context, enqueue }, params: { reason: string }) => {
      const reason = params.reason as SkipReason;
      // A sample that came while another one is under way does not end that one.
      const frameId = reason === 'busy' ? null : context.frameId;
      const report = { type: 'sample.skipped', frameId, reason } as const;
      enqueue.assign({
        skipped: { ...context.skipped, [reason]: (context.skipped[reason] ?? 0) + 1 },
        frameId: reason === 'busy' ? context.frameId : null,
      });
      enqueue.sendTo(context.parent, report);
    }),
  },
});

type CaptureDone = { event: { output: CaptureResult } };
type PushDone = { event: { output: PushOutcome } };
const capturedFrame = ({ event }: CaptureDone) => ({ frameId: event.output?.frameId ?? null });
const pushResult = ({ event }: PushDone) => ({ result: event.output.result });
const pushReason = ({ event }: PushDone) => ({ reason: event.output.result });
type Context = { context: FrameSamplingContext };
const ofSource = ({ context: { sourceId } }: Context): OfSource => ({ sourceId });
const heldFrame = ({ context: { sourceId, frameId } }: Context) => ({
  sourceId,
  frameId: frameId ?? -1,
});
const whileSpeaking = ({ context: { sourceId } }: Context): SamplerInput => ({
  sourceId,
  user: 'speaking',
});
const whileSilent = ({ context: { sourceId } }: Context): SamplerInput => ({
  sourceId,
  user: 'silent',
});

/**
 * When a frame goes to the model. Three regions: the mode, whether the user speaks, and the sample
 * that is under way (one at a time, the newest frame, never a queued one).
 */
export const frameSamplingMachine = machineSetup.createMachine({
  id: 'frameSampling',
  description: 'When a frame is taken for the model',
  context: contextFromInput,
  type: 'parallel',
  states: {
    mode: {
      description: 'How often the model sees',
      initial: 'choosing',
      on: {
        'sink.changed': { target: '.choosing', actions: 'setSink', description: 'Another model' },
        'mode.set': { target: '.choosing', actions: 'setMode', description: 'Another mode' },
      },
      states: {
        choosing: {
          description: 'The mode that was set last',
          always: [
            { guard: 'startsOff', target: 'off' },
            { guard: 'startsOnDemand', target: 'onDemand' },
            { target: 'sampled' },
          ],
        },
        off: {
          description: 'The model sees nothing',
          entry: { type: 'announceRate', params: { of: 'none' } },
        },
        onDemand: {
          description: 'One frame when the user starts to speak, and on look()',
          entry: { type: 'announceRate', params: { of: 'none' } },
          on: {
            'user.speaking': {
              guard: 'aModelTakesFrames',
              actions: 'askForSample',
              description: 'The user starts to speak',
            },
          },
        },
        sampled: {
          description: 'At a rate that follows the user',
          initial: 'choosing',
          on: {
            'sample.due': {
              guard: 'itIsDueByRate',
              actions: 'announceTick',
              description: 'The next one is an interval away',
            },
          },
          states: {
            choosing: {
              description: 'Which rate to begin with',
              always: [
                { guard: 'noModelTakesFrames', target: 'unused' },
                { guard: 'userIsSpeaking', target: 'speaking' },
                { target: 'idle' },
              ],
            },
            unused: {
              description: 'No model takes frames between the turns',
              entry: { type: 'announceRate', params: { of: 'none' } },
            },
            idle: {
              description: 'The slow rate: the user is silent',
              entry: { type: 'announceRate', params: { of: 'silent' } },
              invoke: { src: 'sampler', input: whileSilent },
              on: {
                'user.speaking': { target: 'speaking', description: 'The user starts to speak' },
              },
            },
            speaking: {
              description: 'The fast rate: the user speaks',
              entry: { type: 'announceRate', params: { of: 'speaking' } },
              invoke: { src: 'sampler', input: whileSpeaking },
              on: { 'user.silent': { target: 'idle', description: 'The user stopped' } },
            },
          },
        },
      },
    },
    user: {
      description: 'Whether the user speaks',
      initial: 'silent',
      states: {
        silent: { description: 'The user is silent', on: { 'user.speaking': 'speaking' } },
        speaking: { description: 'The user speaks', on: { 'user.silent': 'silent' } },
      },
    },
    sample: {
      description: 'The sample that is under way',
      initial: 'free',
      on: {
        'sampler.failed': {
          actions: 'countSamplerError',
          description: 'A custom sampler threw; the default one stands in',
        },
      },
      states: {
        free: {
          description: 'Nothing is under way',
          on: {
            'sample.due': {
              guard: 'samplingIsOn',
              target: 'capturing',
              description: 'Take the newest frame',
            },
            'sample.awaited': {
              guard: 'samplingIsOn',
              target: 'missing',
              description: 'Not the newest frame: the next one',
            },
          },
        },
        capturing: {
          description: 'The newest frame is taken and encoded',
          invoke: {
            src: 'captureNewest',
            input: ofSource,
            onDone: [
              {
                guard: { type: 'aFrameWasCaptured', params: capturedFrame },
                target: 'pushing',
                actions: { type: 'holdFrame', params: capturedFrame },
              },
              {
                target: 'missing',
                actions: { type: 'countSkipped', params: { reason: 'no-frame' } },
              },
            ],
            onError: {
              target: 'free',
              actions: { type: 'countSkipped', params: { reason: 'encode-failed' } },
            },
          },
          on: {
            'sample.due': {
              actions: { type: 'countSkipped', params: { reason: 'busy' } },
              description: 'Too soon: the one before is not done',
            },
            'mode.set': {
              guard: 'modeIsOff',
              target: 'free',
              actions: { type: 'countSkipped', params: { reason: 'off' } },
              description: 'Video goes off: this frame stays here',
            },
          },
        },
        missing: {
          description: 'No new frame is there: the next one that comes is taken at once',
          invoke: {
            src: 'freshFrame',
            input: ofSource,
            onDone: { target: 'capturing' },
            onError: { target: 'free' },
          },
          on: {
            'sample.due': {
              target: 'capturing',
              description: 'Try again: another connection may not have seen the one that is there',
            },
            'mode.set': { guard: 'modeIsOff', target: 'free', description: 'Video goes off' },
          },
        },
        pushing: {
          description: 'The encoded frame goes to the model',
          invoke: {
            src: 'pushFrame',
            input: heldFrame,
            onDone: [
              {
                guard: { type: 'aFrameWasSent', params: pushResult },
                target: 'free',
                actions: 'countSent',
              },
              {
                guard: { type: 'aNewerFrameIsThere', params: pushResult },
                target: 'capturing',
                actions: { type: 'countSkipped', params: pushReason },
                description: 'Another source is seen by now, or another connection waits',
              },
              { target: 'free', actions: { type: 'countSkipped', params: pushReason } },
            ],
            onError: {
              target: 'free',
              actions: { type: 'countSkipped', params: { reason: 'push-failed' } },
            },
          },
          on: {
            'sample.due': {
              actions: { type: 'countSkipped', params: { reason: 'busy' } },
              description: 'Too soon: the one before is not done',
            },
            'mode.set': {
              guard: 'modeIsOff',
              target: 'free',
              actions: { type: 'countSkipped', params: { reason: 'off' } },
              description: 'Video goes off: this frame stays here',
            },
          },
        },
      },
    },
  },
});
