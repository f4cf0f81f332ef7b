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
    /** Sends `sample.due` at a rate, or whenever a custom sampler accepts a frame. */
    sampler: fromCallback<FrameSamplingEvent, SamplerInput>(() => {
      throw new Error('provide sampler');
    }),
    /** Takes the newest frame and encodes it. */
    captureNewest: fromPromise<CaptureResult, OfSource>(missing('captureNewest')),
    /** Sends the encoded frame to the model. */
    pushFrame: fromPromise<PushOutcome, OfSource & { frameId: number }>(missing('pushFrame')),
    /** Resolves with the first frame that arrives after the call. */
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
    requestSample: raise({ type: 'sample.due' }),
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
      // A `busy` sample is a second one: the frame of the first one stays in progress.
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
 * Decides when a frame goes to the model. Three regions: the mode, whether the user speaks, and the
 * current sample. One sample runs at a time, always with the newest frame; none is queued.
 */
export const frameSamplingMachine = machineSetup.createMachine({
  id: 'frameSampling',
  description: 'When a frame is sent to the model',
  context: contextFromInput,
  type: 'parallel',
  states: {
    mode: {
      description: 'How often the model gets a frame',
      initial: 'choosing',
      on: {
        'sink.changed': {
          target: '.choosing',
          actions: 'setSink',
          description: 'The model changed',
        },
        'mode.set': {
          target: '.choosing',
          actions: 'setMode',
          description: 'The application set another mode',
        },
      },
      states: {
        choosing: {
          description: 'Which mode is set?',
          always: [
            { guard: 'startsOff', target: 'off' },
            { guard: 'startsOnDemand', target: 'onDemand' },
            { target: 'sampled' },
          ],
        },
        off: {
          description: 'The model gets no frames',
          entry: { type: 'announceRate', params: { of: 'none' } },
        },
        onDemand: {
          description: 'One frame when the user starts to speak, and one for each look()',
          entry: { type: 'announceRate', params: { of: 'none' } },
          on: {
            'user.speaking': {
              guard: 'aModelTakesFrames',
              actions: 'requestSample',
              description: 'The user starts to speak',
            },
          },
        },
        sampled: {
          description: 'A rate that depends on whether the user speaks',
          initial: 'choosing',
          on: {
            'sample.due': {
              guard: 'itIsDueByRate',
              actions: 'announceTick',
              description: 'The next sample is one interval away',
            },
          },
          states: {
            choosing: {
              description: 'Which rate applies now?',
              always: [
                { guard: 'noModelTakesFrames', target: 'unused' },
                { guard: 'userIsSpeaking', target: 'speaking' },
                { target: 'idle' },
              ],
            },
            unused: {
              description: 'No model takes frames between turns',
              entry: { type: 'announceRate', params: { of: 'none' } },
            },
            idle: {
              description: 'The user is silent: the slow rate',
              entry: { type: 'announceRate', params: { of: 'silent' } },
              invoke: { src: 'sampler', input: whileSilent },
              on: {
                'user.speaking': { target: 'speaking', description: 'The user starts to speak' },
              },
            },
            speaking: {
              description: 'The user speaks: the fast rate',
              entry: { type: 'announceRate', params: { of: 'speaking' } },
              invoke: { src: 'sampler', input: whileSpeaking },
              on: { 'user.silent': { target: 'idle', description: 'The user stopped speaking' } },
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
      description: 'The current sample',
      initial: 'free',
      on: {
        'sampler.failed': {
          actions: 'countSamplerError',
          description: 'A custom sampler threw: the default sampler replaces it',
        },
      },
      states: {
        free: {
          description: 'No sample is in progress',
          on: {
            'sample.due': {
              guard: 'samplingIsOn',
              target: 'capturing',
              description: 'Take the newest frame',
            },
            'sample.awaited': {
              guard: 'samplingIsOn',
              target: 'missing',
              description: 'Wait for the next frame: the newest one is too old',
            },
          },
        },
        capturing: {
          description: 'The newest frame is being encoded',
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
              description: 'The previous sample is still in progress',
            },
            'mode.set': {
              guard: 'modeIsOff',
              target: 'free',
              actions: { type: 'countSkipped', params: { reason: 'off' } },
              description: 'Video is switched off: this frame is not sent',
            },
          },
        },
        missing: {
          description: 'There is no new frame: the next one to arrive is taken at once',
          invoke: {
            src: 'freshFrame',
            input: ofSource,
            onDone: { target: 'capturing' },
            onError: { target: 'free' },
          },
          on: {
            'sample.due': {
              target: 'capturing',
              description: 'Retry: after a reconnect, the model may not have seen the newest frame',
            },
            'mode.set': {
              guard: 'modeIsOff',
              target: 'free',
              description: 'Video is switched off',
            },
          },
        },
        pushing: {
          description: 'The encoded frame is being sent to the model',
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
                description:
                  'The source or the connection changed while the frame was sent: take a newer frame',
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
              description: 'The previous sample is still in progress',
            },
            'mode.set': {
              guard: 'modeIsOff',
              target: 'free',
              actions: { type: 'countSkipped', params: { reason: 'off' } },
              description: 'Video is switched off: this frame is not sent',
            },
          },
        },
      },
    },
  },
});
