import { assign, fromCallback, fromPromise, sendTo, setup } from 'xstate';
import type { ModelLinkContext, ModelLinkEvent, ModelLinkInput } from './model-link.types.ts';

const contextFromInput = ({ input }: { input: ModelLinkInput }): ModelLinkContext => ({
  ...input,
  revivals: 0,
  connections: 0,
  blindness: 0,
});

const parentOf = ({ context }: { context: ModelLinkContext }) => context.parent;

/**
 * Whether pictures can reach a realtime model. A connection that closed without the plugin's
 * knowledge is revived, to a limit; a model that stays without one is blind, and that is said.
 */
export const modelLinkMachine = setup({
  types: {
    context: {} as ModelLinkContext,
    events: {} as ModelLinkEvent,
    input: {} as ModelLinkInput,
  },
  actors: {
    /** Tells when the connection of the model's session comes and goes. */
    connectionEvents: fromCallback<ModelLinkEvent>(() => {
      throw new Error('provide connectionEvents');
    }),
    /** Makes the plugin connect anew. */
    revive: fromPromise<void>(() => Promise.reject(new Error('provide revive'))),
  },
  guards: {
    anotherRevivalIsLeft: ({ context }) => context.revivals < context.maxRevivals,
  },
  actions: {
    countConnection: assign(({ context }) => ({
      connections: context.connections + 1,
      revivals: 0,
    })),
    countRevival: assign(({ context }) => ({ revivals: context.revivals + 1 })),
    countBlindness: assign(({ context }) => ({ blindness: context.blindness + 1 })),
    report: sendTo(parentOf, (_, params: { type: 'model.sighted' | 'model.waiting' }) => ({
      type: params.type,
    })),
    reportBlind: sendTo(parentOf, ({ context: { revivals, blindAfterMs } }) => ({
      type: 'model.blind',
      reason:
        revivals > 0
          ? `the model's session closed and could not be revived (${revivals} attempts)`
          : `the model's session is not connected for ${blindAfterMs} ms`,
    })),
  },
  delays: {
    blindAfter: ({ context }) => context.blindAfterMs,
    reviveTimeout: ({ context }) => context.reviveTimeoutMs,
  },
}).createMachine({
  id: 'modelLink',
  description: 'Whether pictures can reach the realtime model',
  context: contextFromInput,
  invoke: { src: 'connectionEvents' },
  initial: 'waiting',
  states: {
    waiting: {
      description: 'The session connects, or restarts by itself',
      entry: { type: 'report', params: { type: 'model.waiting' } },
      on: {
        'model.connected': { target: 'sighted', description: 'It is connected' },
        'model.closedSilently': { target: 'closed', description: 'It closed, and nobody noticed' },
      },
      after: { blindAfter: { target: 'blind' } },
    },
    sighted: {
      description: 'Pictures can go',
      entry: ['countConnection', { type: 'report', params: { type: 'model.sighted' } }],
      on: {
        'model.connected': {
          target: 'sighted',
          reenter: true,
          description: 'Another connection took over: it has seen nothing yet',
        },
        'model.disconnected': { target: 'waiting', description: 'The session restarts' },
        'model.closedSilently': { target: 'closed', description: 'It closed, and nobody noticed' },
      },
    },
    closed: {
      description: 'A closed connection: may it be revived?',
      always: [{ guard: 'anotherRevivalIsLeft', target: 'reviving' }, { target: 'blind' }],
    },
    reviving: {
      description: 'The plugin is made to connect anew',
      entry: 'countRevival',
      invoke: { src: 'revive', onError: { target: 'blind' } },
      on: { 'model.connected': { target: 'sighted', description: 'It is back' } },
      after: { reviveTimeout: { target: 'closed' } },
    },
    blind: {
      description: 'No picture reaches the model, and that was said',
      entry: ['countBlindness', 'reportBlind'],
      on: { 'model.connected': { target: 'sighted', description: 'It is back all the same' } },
    },
  },
});
