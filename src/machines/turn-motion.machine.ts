import { assign, fromPromise, sendTo, setup } from 'xstate';
import type { SourceId } from '../source.ts';
import type { TurnMotionContext, TurnMotionEvent, TurnMotionInput } from './turn-motion.types.ts';

const contextFromInput = ({ input }: { input: TurnMotionInput }): TurnMotionContext => ({
  ...input,
  frameIds: [],
  intervalMs: input.firstIntervalMs,
});
const takenFrame = ({ event }: { event: { output: number | null } }) => ({
  frameId: event.output,
});

const parentOf = ({ context }: { context: TurnMotionContext }) => context.parent;
const ofSource = ({ context }: { context: TurnMotionContext }) => ({ sourceId: context.sourceId });

/**
 * Pictures spread over the time in which the user speaks, so that the model sees how the turn went.
 * If there are too many, every second one is dropped, and the interval doubles.
 */
export const turnMotionMachine = setup({
  types: {
    context: {} as TurnMotionContext,
    events: {} as TurnMotionEvent,
    input: {} as TurnMotionInput,
  },
  actors: {
    /** Encodes the newest frame and keeps its picture; `null` if there is no new frame. */
    takePicture: fromPromise<number | null, { sourceId: SourceId }>(() =>
      Promise.reject(new Error('provide takePicture')),
    ),
  },
  guards: {
    nothingIsKept: ({ context }) => context.maxPictures === 0,
  },
  actions: {
    setLimit: assign(({ event }) =>
      event.type === 'motion.limited' ? { maxPictures: event.maxPictures } : {},
    ),
    keepPicture: assign(({ context }, params: { frameId: number | null }) => {
      if (params.frameId === null) return {};
      const frameIds = [...context.frameIds, params.frameId];
      if (frameIds.length <= context.maxPictures) return { frameIds };
      // The first picture is kept: it shows the beginning of the turn.
      const thinned = frameIds.filter((_, index) => index % 2 === 0).slice(0, context.maxPictures);
      return { frameIds: thinned, intervalMs: context.intervalMs * 2 };
    }),
    forgetPictures: assign(({ context }) => ({
      frameIds: [],
      intervalMs: context.firstIntervalMs,
    })),
    /** All other pictures of the turn can be dropped. */
    reportKept: sendTo(parentOf, ({ context }) => ({
      type: 'motion.kept',
      frameIds: context.frameIds,
    })),
  },
  delays: {
    interval: ({ context }) => context.intervalMs,
    forgetAfter: ({ context }) => context.forgetAfterMs,
  },
}).createMachine({
  id: 'turnMotion',
  description: 'Pictures taken while the user speaks',
  context: contextFromInput,
  initial: 'choosing',
  on: {
    'motion.limited': {
      target: '.choosing',
      actions: ['setLimit', 'forgetPictures', 'reportKept'],
      description: 'The model changed',
    },
  },
  states: {
    choosing: {
      description: 'Are pictures wanted in addition to the last one?',
      always: [{ guard: 'nothingIsKept', target: 'off' }, { target: 'silent' }],
    },
    off: { description: 'A turn has one picture: the newest' },
    silent: {
      description: "The user is silent; the pictures wait for the turn's model request",
      on: {
        'user.speaking': { target: 'speaking', description: 'A turn begins or continues' },
        'turn.committed': {
          actions: ['forgetPictures', 'reportKept'],
          description: 'The pictures were used',
        },
        'pick.changed': {
          actions: ['forgetPictures', 'reportKept'],
          description: 'The source changed: the pictures are dropped',
        },
      },
      after: {
        forgetAfter: {
          actions: ['forgetPictures', 'reportKept'],
          description: 'No model request followed: the pictures are dropped',
        },
      },
    },
    speaking: {
      description: 'The user speaks; a picture is taken at each interval',
      initial: 'taking',
      on: {
        'user.silent': { target: 'silent', description: 'The turn may be over' },
        'turn.committed': {
          actions: ['forgetPictures', 'reportKept'],
          description: 'The pictures were used',
        },
        'pick.changed': {
          target: '.waiting',
          actions: ['forgetPictures', 'reportKept'],
          description: 'The source changed: the pictures are dropped',
        },
      },
      states: {
        taking: {
          description: 'The newest frame is being encoded',
          invoke: {
            src: 'takePicture',
            input: ofSource,
            onDone: {
              target: 'waiting',
              actions: [{ type: 'keepPicture', params: takenFrame }, 'reportKept'],
            },
            onError: { target: 'waiting' },
          },
        },
        waiting: {
          description: 'Waiting for the next picture',
          after: { interval: { target: 'taking' } },
        },
      },
    },
  },
});
