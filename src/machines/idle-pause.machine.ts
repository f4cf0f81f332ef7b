import { and, assign, not, sendTo, setup, stateIn } from 'xstate';
import type { IdlePauseContext, IdlePauseEvent, IdlePauseInput } from './idle-pause.types.ts';

/** Only the last wakes count, so that a single slow one has little effect and is soon forgotten. */
const REMEMBERED_WAKES = 5;

const contextFromInput = ({ input }: { input: IdlePauseInput }): IdlePauseContext => ({
  ...input,
  isScreen: false,
  intervalMs: null,
  pauses: 0,
  wakesMs: [],
  failedWakes: 0,
  holds: 0,
});

const parentOf = ({ context }: { context: IdlePauseContext }) => context.parent;

/**
 * Twice the median wake time; limited, because each frame before the sample is received in vain.
 */
function leadMs({ leadMs: { longest, shortest }, wakesMs }: IdlePauseContext): number {
  const median = [...wakesMs].sort((a, b) => a - b)[wakesMs.length >> 1];
  return median === undefined ? longest : Math.min(longest, Math.max(shortest, 2 * median));
}

/**
 * Saves bandwidth between samples that are far apart: the server stops sending the video, and
 * resumes shortly before the next sample. If no frame arrives in time after a pause, this stream is
 * not paused again. A screen is never paused: it sends frames only when something changes, so after
 * a pause none may come, and what changed meanwhile is lost.
 */
export const idlePauseMachine = setup({
  types: {
    context: {} as IdlePauseContext,
    events: {} as IdlePauseEvent,
    input: {} as IdlePauseInput,
  },
  guards: {
    streamMayPause: ({ context }) => context.isWanted && !context.isScreen,
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
    keepKind: assign(({ event }) =>
      event.type === 'stream.replaced' ? { isScreen: event.isScreen } : {},
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
  description: 'Whether the server sends the video between two samples',
  context: contextFromInput,
  type: 'parallel',
  on: {
    'flow.held': { actions: 'hold', description: 'A consumer needs every frame: do not pause' },
    'flow.released': { actions: 'release', description: 'A consumer no longer needs every frame' },
  },
  states: {
    nextSample: {
      description:
        'When the next sample is due at the current rate; a late sample does not delay it',
      initial: 'near',
      on: {
        'rate.tick': {
          target: '.far',
          description: 'A sample is due now, the next one after an interval',
        },
        'rate.changed': {
          target: '.near',
          actions: 'keepRate',
          description: 'The rate changed: the next sample is due at an unknown time',
        },
      },
      states: {
        near: { description: 'The next sample is due soon, or at an unknown time' },
        far: {
          description: 'The next sample is further away than the video needs to resume',
          after: { untilWake: { target: 'near' } },
        },
      },
    },
    video: {
      description: 'Whether the server sends the video',
      initial: 'choosing',
      on: {
        'stream.replaced': {
          target: '.choosing',
          actions: 'keepKind',
          description: 'The stream was replaced, or ended',
        },
      },
      states: {
        choosing: {
          description: 'Are pauses enabled, and is this not a screen?',
          always: [{ guard: 'streamMayPause', target: 'starting' }, { target: 'keeping' }],
        },
        starting: {
          description:
            'No frame of this stream has arrived yet, so a late sample of the previous stream cannot pause it',
          entry: 'forgetWakes',
          on: {
            'stream.frame': {
              target: 'flowing',
              description: 'The first frame of the stream arrived',
            },
          },
        },
        flowing: {
          description: 'Frames arrive',
          on: {
            'sample.done': {
              guard: 'pausePays',
              target: 'paused',
              description: 'The next sample is far enough away',
            },
          },
        },
        paused: {
          description: 'The server sends no frames',
          entry: ['countPause', { type: 'request', params: { type: 'video.pauseRequested' } }],
          exit: { type: 'request', params: { type: 'video.resumeRequested' } },
          always: { guard: 'nextSampleIsNear', target: 'waking' },
          on: {
            'frame.needed': {
              target: 'waking',
              description: 'The user speaks, or a look needs a frame',
            },
            'flow.held': {
              target: 'waking',
              actions: 'hold',
              description: 'A consumer needs every frame',
            },
          },
        },
        waking: {
          description: 'The video is resumed, and no frame has arrived yet',
          on: {
            'stream.frame': {
              target: 'flowing',
              actions: 'keepWake',
              description: 'The first frame arrived',
            },
          },
          after: {
            wakeTimeout: { target: 'keeping', actions: ['countFailedWake', 'reportGivenUp'] },
          },
        },
        keeping: {
          description: 'This stream is not paused',
        },
      },
    },
  },
});
