import { assign, enqueueActions, fromPromise, not, setup } from 'xstate';
import type { FrameRef } from '../frame.ts';
import type { SourceId } from '../source.ts';
import type { LookContext, LookEvent, LookInput } from './look.types.ts';

const contextFromInput = ({ input }: { input: LookInput }): LookContext => ({
  ...input,
  looks: [],
});
const freshFrameId = ({ event }: { event: { output: FrameRef } }) => ({ frameId: event.output.id });

const ofSource = ({ context }: { context: LookContext }) => ({ sourceId: context.sourceId });

/**
 * Looks of the application: each waits for one fresh frame. One frame answers all pending looks.
 */
export const lookMachine = setup({
  types: {
    context: {} as LookContext,
    events: {} as LookEvent,
    input: {} as LookInput,
  },
  actors: {
    /** Resolves with the first frame that arrives after the call. */
    freshFrame: fromPromise<FrameRef, { sourceId: SourceId }>(() =>
      Promise.reject(new Error('provide freshFrame')),
    ),
  },
  guards: {
    startsOff: ({ context }) => context.mode === 'off',
    modeIsOff: ({ event }) => event.type === 'mode.set' && event.mode === 'off',
    modeSees: not('modeIsOff'),
  },
  actions: {
    addLook: assign(({ context, event }) =>
      event.type === 'look.requested' ? { looks: [...context.looks, event.lookId] } : {},
    ),
    answerLooks: enqueueActions(({ context, enqueue }, params: { frameId: number }) => {
      const { looks: lookIds } = context;
      const report = { type: 'look.answered', lookIds, frameId: params.frameId } as const;
      enqueue.assign({ looks: [] });
      enqueue.sendTo(context.parent, report);
    }),
    failLooks: enqueueActions(({ context, enqueue }, params: { reason: 'timeout' | 'off' }) => {
      const { looks: lookIds } = context;
      const report = { type: 'look.failed', lookIds, reason: params.reason } as const;
      enqueue.assign({ looks: [] });
      enqueue.sendTo(context.parent, report);
    }),
  },
  delays: {
    lookTimeout: ({ context }) => context.lookTimeoutMs,
  },
}).createMachine({
  id: 'look',
  description: 'A look of the application: one fresh frame',
  context: contextFromInput,
  initial: 'choosing',
  states: {
    choosing: {
      description: 'Is video on from the start?',
      always: [{ guard: 'startsOff', target: 'closed' }, { target: 'none' }],
    },
    closed: {
      description: 'Video is off',
      on: {
        'look.requested': {
          actions: ['addLook', { type: 'failLooks', params: { reason: 'off' } }],
          description: 'Refused',
        },
        'mode.set': { guard: 'modeSees', target: 'none', description: 'Video is switched on' },
      },
    },
    none: {
      description: 'No look is pending',
      on: {
        'look.requested': {
          target: 'waiting',
          actions: 'addLook',
          description: 'Wait for the next frame',
        },
        'mode.set': { guard: 'modeIsOff', target: 'closed', description: 'Video is switched off' },
      },
    },
    waiting: {
      description: 'The next frame answers all pending looks',
      invoke: {
        src: 'freshFrame',
        input: ofSource,
        onDone: { target: 'none', actions: { type: 'answerLooks', params: freshFrameId } },
        onError: { target: 'none', actions: { type: 'failLooks', params: { reason: 'timeout' } } },
      },
      on: {
        'look.requested': {
          actions: 'addLook',
          description: 'The same frame answers this look too',
        },
        'mode.set': {
          guard: 'modeIsOff',
          target: 'closed',
          actions: { type: 'failLooks', params: { reason: 'off' } },
          description: 'Video is switched off',
        },
      },
      after: {
        lookTimeout: {
          target: 'none',
          actions: { type: 'failLooks', params: { reason: 'timeout' } },
        },
      },
    },
  },
});
