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
  frameGapMs: null,
});

const parentOf = ({ context }: { context: IdlePauseContext }) => context.parent;

/** Whether the server is asked to stop sending at this rate. */
const mayPause = ({ isWanted, intervalMs, minIntervalMs }: IdlePauseContext) =>
  isWanted && intervalMs !== null && intervalMs >= minIntervalMs;

/**
 * Before a pause, twice the median wake time; limited, because each frame before the sample is
 * received in vain.
 */
function leadMs(context: IdlePauseContext): number {
  const { rest, wakesMs } = context;
  if (!mayPause(context)) return rest.leadMs;
  const { longest, shortest } = context.leadMs;
  const median = [...wakesMs].sort((a, b) => a - b)[wakesMs.length >> 1];
  return median === undefined ? longest : Math.min(longest, Math.max(shortest, 2 * median));
}

/**
 * Saves what frames between two samples cost. If the samples are far apart, the server stops sending
 * the video, and resumes shortly before the next sample. If no frame arrives in time after a pause,
 * this stream is not paused again. Otherwise the stream rests: the server sends, and no frame is
 * read. A screen neither pauses nor rests: it sends frames only when something changes, so after
 * a pause none may come, and what changed meanwhile is lost. The same is true for a rest of any
 * stream with few frames.
 */
export const idlePauseMachine = setup({
  types: {
    context: {} as IdlePauseContext,
    events: {} as IdlePauseEvent,
    input: {} as IdlePauseInput,
  },
  guards: {
    itIsACamera: ({ context }) => !context.isScreen,
    noConsumerNeedsFrames: ({ context }) => context.holds === 0,
    pauseIsWorthIt: ({ context }) => mayPause(context),
    restIsWorthIt: ({ context: { intervalMs, rest } }) =>
      intervalMs !== null && intervalMs >= rest.shortestMs && intervalMs <= rest.longestMs,
    framesComeOften: ({ context: { frameGapMs, rest } }) =>
      frameGapMs !== null && frameGapMs <= rest.maxFrameGapMs,
    nextSampleIsFar: stateIn({ nextSample: 'far' }),
    nextSampleIsNear: not('nextSampleIsFar'),
    pausePays: and(['noConsumerNeedsFrames', 'pauseIsWorthIt', 'nextSampleIsFar']),
    restPays: and(['noConsumerNeedsFrames', 'restIsWorthIt', 'framesComeOften', 'nextSampleIsFar']),
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
    keepGap: assign(({ event }) =>
      event.type === 'stream.frame' && event.gapMs !== undefined ? { frameGapMs: event.gapMs } : {},
    ),
    forgetStream: assign({ wakesMs: [], frameGapMs: null }),
    countPause: assign(({ context }) => ({ pauses: context.pauses + 1 })),
    countFailedWake: assign(({ context }) => ({ failedWakes: context.failedWakes + 1 })),
    hold: assign(({ context }) => ({ holds: context.holds + 1 })),
    release: assign(({ context }) => ({ holds: context.holds - 1 })),
    request: sendTo(
      parentOf,
      (_, params: { type: `video.${'pause' | 'resume' | 'rest' | 'read'}Requested` }) => ({
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
  description: 'Whether the video is sent and read between two samples',
  context: contextFromInput,
  type: 'parallel',
  on: {
    'flow.held': {
      actions: 'hold',
      description: 'A consumer needs every frame: no pause, no rest',
    },
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
      description: 'Whether the server sends the video, and the stream is read',
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
          description: 'Is this not a screen?',
          always: [{ guard: 'itIsACamera', target: 'starting' }, { target: 'keeping' }],
        },
        starting: {
          description:
            'No frame of this stream has arrived yet, so a late sample of the previous stream cannot pause it',
          entry: 'forgetStream',
          on: {
            'stream.frame': {
              target: 'flowing',
              actions: 'keepGap',
              description: 'The first frame of the stream arrived',
            },
          },
        },
        flowing: {
          description: 'Frames arrive',
          on: {
            'stream.frame': { actions: 'keepGap', description: 'More frames arrived' },
            'sample.done': [
              {
                guard: 'pausePays',
                target: 'paused',
                description: 'The next sample is far enough away',
              },
              {
                guard: 'restPays',
                target: 'resting',
                description: 'The next sample needs none of the frames until then',
              },
            ],
          },
        },
        resting: {
          description: 'The server sends frames, and none is read',
          entry: { type: 'request', params: { type: 'video.restRequested' } },
          exit: { type: 'request', params: { type: 'video.readRequested' } },
          always: { guard: 'nextSampleIsNear', target: 'flowing' },
          on: {
            'frame.needed': {
              target: 'flowing',
              description: 'The user speaks or types, or a look needs a frame',
            },
            'flow.wanted': {
              target: 'flowing',
              description: 'The application takes frames',
            },
            'flow.held': {
              target: 'flowing',
              actions: 'hold',
              description: 'A consumer needs every frame',
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
          description: 'This stream neither pauses nor rests',
        },
      },
    },
  },
});
