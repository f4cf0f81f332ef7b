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
 * Whether pictures can reach a realtime model. A connection that closed without the plugin noticing
 * is restarted, up to a limit; a model that stays disconnected is reported as blind.
 */
export const modelLinkMachine = setup({
  types: {
    context: {} as ModelLinkContext,
    events: {} as ModelLinkEvent,
    input: {} as ModelLinkInput,
  },
  actors: {
    /** Reports when the model's session connects, disconnects or closes. */
    connectionEvents: fromCallback<ModelLinkEvent>(() => {
      throw new Error('provide connectionEvents');
    }),
    /** Makes the plugin reconnect. */
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
          ? `the model's session closed and could not be reopened (${revivals} attempts)`
          : `the model's session has not been connected for ${blindAfterMs} ms`,
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
      description: 'The session is connecting, or restarting by itself',
      entry: { type: 'report', params: { type: 'model.waiting' } },
      on: {
        'model.connected': { target: 'sighted', description: 'The session is connected' },
        'model.closedSilently': {
          target: 'closed',
          description: 'The connection closed, and the plugin did not notice',
        },
      },
      after: { blindAfter: { target: 'blind' } },
    },
    sighted: {
      description: 'Pictures can be sent',
      entry: ['countConnection', { type: 'report', params: { type: 'model.sighted' } }],
      on: {
        'model.connected': {
          target: 'sighted',
          reenter: true,
          description: 'A new connection replaced this one, and has seen no picture yet',
        },
        'model.disconnected': { target: 'waiting', description: 'The session restarts' },
        'model.closedSilently': {
          target: 'closed',
          description: 'The connection closed, and the plugin did not notice',
        },
      },
    },
    closed: {
      description: 'The connection is closed: is another revival allowed?',
      always: [{ guard: 'anotherRevivalIsLeft', target: 'reviving' }, { target: 'blind' }],
    },
    reviving: {
      description: 'The plugin is reconnecting',
      entry: 'countRevival',
      invoke: { src: 'revive', onError: { target: 'blind' } },
      on: {
        'model.connected': { target: 'sighted', description: 'The session is connected again' },
      },
      after: { reviveTimeout: { target: 'closed' } },
    },
    blind: {
      description: 'No picture can reach the model; this has been reported',
      entry: ['countBlindness', 'reportBlind'],
      on: {
        'model.connected': { target: 'sighted', description: 'The session is connected after all' },
      },
    },
  },
});
