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
 * How the user's turn went: pictures spread over the time in which the user speaks. Where there
 * are too many, every other one goes, and the next ones are twice as far apart.
 */
export const turnMotionMachine = setup({
  types: {
    context: {} as TurnMotionContext,
    events: {} as TurnMotionEvent,
    input: {} as TurnMotionInput,
  },
  actors: {
    /** Encodes the newest frame and keeps its picture; `null` where there is no other frame. */
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
      // The first one stays: the turn is seen from its beginning.
      const thinned = frameIds.filter((_, index) => index % 2 === 0).slice(0, context.maxPictures);
      return { frameIds: thinned, intervalMs: context.intervalMs * 2 };
    }),
    forgetPictures: assign(({ context }) => ({
      frameIds: [],
      intervalMs: context.firstIntervalMs,
    })),
    /** All others are to be forgotten. */
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
  description: 'Pictures of how the user’s turn went',
  context: contextFromInput,
  initial: 'choosing',
  on: {
    'motion.limited': {
      target: '.choosing',
      actions: ['setLimit', 'forgetPictures', 'reportKept'],
      description: 'Another model',
    },
  },
  states: {
    choosing: {
      description: 'Is more wanted than the picture at the end?',
      always: [{ guard: 'nothingIsKept', target: 'off' }, { target: 'silent' }],
    },
    off: { description: 'A turn has one picture: the newest' },
    silent: {
      description: 'The user is silent; what is kept waits for its turn',
      on: {
        'user.speaking': { target: 'speaking', description: 'A turn begins, or goes on' },
        'turn.committed': {
          actions: ['forgetPictures', 'reportKept'],
          description: 'They were used',
        },
        'pick.changed': {
          actions: ['forgetPictures', 'reportKept'],
          description: 'It is not shown any more',
        },
      },
      after: {
        forgetAfter: {
          actions: ['forgetPictures', 'reportKept'],
          description: 'No turn came of it',
        },
      },
    },
    speaking: {
      description: 'The user speaks, and is seen now and then',
      initial: 'taking',
      on: {
        'user.silent': { target: 'silent', description: 'The turn may be over' },
        'turn.committed': {
          actions: ['forgetPictures', 'reportKept'],
          description: 'They were used',
        },
        'pick.changed': {
          target: '.waiting',
          actions: ['forgetPictures', 'reportKept'],
          description: 'It is not shown any more',
        },
      },
      states: {
        taking: {
          description: 'The newest frame becomes a picture',
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
          description: 'Until the next picture',
          after: { interval: { target: 'taking' } },
        },
      },
    },
  },
});
