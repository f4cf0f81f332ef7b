import { and, assign, not, sendTo, setup, stateIn } from 'xstate';
import type { IdlePauseContext, IdlePauseEvent, IdlePauseInput } from './idle-pause.types.ts';

/** As many wakes are remembered: a slow one is forgotten soon, and one alone decides nothing. */
const REMEMBERED_WAKES = 5;

const contextFromInput = ({ input }: { input: IdlePauseInput }): IdlePauseContext => ({
  ...input,
  intervalMs: null,
  pauses: 0,
  wakesMs: [],
  failedWakes: 0,
  holds: 0,
});

const parentOf = ({ context }: { context: IdlePauseContext }) => context.parent;

/** Twice what it takes at the median: every frame before the sample is received for nothing. */
function leadMs({ leadMs: { longest, shortest }, wakesMs }: IdlePauseContext): number {
  const median = [...wakesMs].sort((a, b) => a - b)[wakesMs.length >> 1];
  return median === undefined ? longest : Math.min(longest, Math.max(shortest, 2 * median));
}

/**
 * Asks for less: between two samples that are far apart the video is switched off at the server,
 * and on again shortly before the next one. Where that brings no frame in time it is not tried
 * again on this stream.
 */
export const idlePauseMachine = setup({
  types: {
    context: {} as IdlePauseContext,
    events: {} as IdlePauseEvent,
    input: {} as IdlePauseInput,
  },
  guards: {
    pausesAreWanted: ({ context }) => context.isWanted,
    pauseIsWorthIt: ({ context }) =>
      context.holds === 0 &&
      context.intervalMs !== null &&
      context.intervalMs >= context.minIntervalMs,
    nextSampleIsFar: stateIn({ nextSample: 'far' }),
    nextSampleIsNear: not('nextSampleIsFar'),
    pausePays: and(['pauseIsWorthIt', 'nextSampleIsFar']),
  },
  actions: {
    keepRate: assign(({ event }) =>
      event.type === 'rate.changed' ? { intervalMs: event.intervalMs } : {},
    ),
    keepWake: assign(({ context, event }) =>
      event.type === 'stream.frame' && event.afterMs !== undefined
        ? { wakesMs: [...context.wakesMs, event.afterMs].slice(-REMEMBERED_WAKES) }
        : {},
    ),
    forgetWakes: assign({ wakesMs: [] }),
    countPause: assign(({ context }) => ({ pauses: context.pauses + 1 })),
    countFailedWake: assign(({ context }) => ({ failedWakes: context.failedWakes + 1 })),
    hold: assign(({ context }) => ({ holds: context.holds + 1 })),
    release: assign(({ context }) => ({ holds: context.holds - 1 })),
    request: sendTo(
      parentOf,
      (_, params: { type: 'video.pauseRequested' | 'video.resumeRequested' }) => ({
        type: params.type,
      }),
    ),
    reportGivenUp: sendTo(parentOf, ({ context }) => ({
      type: 'video.pauseGivenUp',
      waitedMs: context.wakeTimeoutMs,
    })),
  },
  delays: {
    untilWake: ({ context }) => Math.max(0, (context.intervalMs ?? 0) - leadMs(context)),
    wakeTimeout: ({ context }) => context.wakeTimeoutMs,
  },
}).createMachine({
  id: 'idlePause',
  description: 'Whether the video flows between two samples',
  context: contextFromInput,
  type: 'parallel',
  on: {
    'flow.held': { actions: 'hold', description: 'Somebody wants every frame' },
    'flow.released': { actions: 'release', description: 'And does not any more' },
  },
  states: {
    nextSample: {
      description: 'When the rate wants its next sample: late ones do not put it off',
      initial: 'near',
      on: {
        'rate.tick': { target: '.far', description: 'One is due now: the next in an interval' },
        'rate.changed': {
          target: '.near',
          actions: 'keepRate',
          description: 'Samples at another rate: the next one is due at an unknown time',
        },
      },
      states: {
        near: { description: 'Soon, or at an unknown time' },
        far: {
          description: 'Later than the video takes to come back',
          after: { untilWake: { target: 'near' } },
        },
      },
    },
    video: {
      description: 'What the server sends',
      initial: 'choosing',
      states: {
        choosing: {
          description: 'Are pauses wanted at all?',
          always: [{ guard: 'pausesAreWanted', target: 'starting' }, { target: 'keeping' }],
        },
        starting: {
          description:
            'No frame came yet: a late sample of the stream before must not pause this one',
          entry: 'forgetWakes',
          on: {
            'stream.frame': { target: 'flowing', description: 'Its first frame is there' },
          },
        },
        flowing: {
          description: 'Frames come',
          on: {
            'sample.done': {
              guard: 'pausePays',
              target: 'paused',
              description: 'The next sample is far away',
            },
            'stream.replaced': { target: 'starting', description: 'Another stream, or none' },
          },
        },
        paused: {
          description: 'The server sends nothing',
          entry: ['countPause', { type: 'request', params: { type: 'video.pauseRequested' } }],
          exit: { type: 'request', params: { type: 'video.resumeRequested' } },
          always: { guard: 'nextSampleIsNear', target: 'waking' },
          on: {
            'frame.needed': { target: 'waking', description: 'Somebody speaks, or wants to look' },
            'flow.held': {
              target: 'waking',
              actions: 'hold',
              description: 'Every frame is wanted',
            },
            'stream.replaced': { target: 'starting', description: 'Another stream, or none' },
          },
        },
        waking: {
          description: 'Switched on again, and no frame came yet',
          on: {
            'stream.frame': {
              target: 'flowing',
              actions: 'keepWake',
              description: 'The first frame is there',
            },
            'stream.replaced': { target: 'starting', description: 'Another stream, or none' },
          },
          after: {
            wakeTimeout: { target: 'keeping', actions: ['countFailedWake', 'reportGivenUp'] },
          },
        },
        keeping: {
          description: 'No pauses on this stream',
          on: {
            'stream.replaced': {
              guard: 'pausesAreWanted',
              target: 'starting',
              description: 'Another stream gets its own chance',
            },
          },
        },
      },
    },
  },
});
