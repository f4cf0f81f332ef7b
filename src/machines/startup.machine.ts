import { fromPromise, sendTo, setup } from 'xstate';
import type { StartupContext, StartupEvent, StartupInput, StartupReport } from './startup.types.ts';

const contextFromInput = ({ input }: { input: StartupInput }): StartupContext => input;
const parent = ({ context }: { context: StartupContext }) => context.parent;
const missing = (name: string) => () => Promise.reject(new Error(`provide ${name}`));

/** What the report of a failure says: the error of a step. */
const failure = ({ event: { error } }: { event: { error: unknown } }) => ({
  error: error instanceof Error ? error.message : String(error),
});
const roomTimeout = ({ context }: { context: StartupContext }) => ({
  error: `the room did not connect within ${context.connectTimeoutMs} ms`,
});
const agentTimeout = ({ context }: { context: StartupContext }) => ({
  error: `the agent session did not start within ${context.startTimeoutMs} ms`,
});

/** The start of a session: the room, then the avatar, then the agent, in that order. */
export const startupMachine = setup({
  types: {
    context: {} as StartupContext,
    events: {} as StartupEvent,
    input: {} as StartupInput,
  },
  actors: {
    /** Ends when the room is connected. */
    connectRoom: fromPromise<void>(missing('connectRoom')),
    /** Ends when the agent session has started. */
    startAgent: fromPromise<void>(missing('startAgent')),
  },
  guards: {
    avatarIsAwaited: ({ context }) => context.waitsForAvatar,
  },
  actions: {
    reportJoined: sendTo(parent, { type: 'startup.joined' } satisfies StartupReport),
    reportReady: sendTo(parent, { type: 'startup.ready' } satisfies StartupReport),
    reportFailure: sendTo(
      parent,
      (_, { error }: { error: string }): StartupReport => ({ type: 'startup.failed', error }),
    ),
  },
  delays: {
    connectTimeout: ({ context }) => context.connectTimeoutMs,
    startTimeout: ({ context }) => context.startTimeoutMs,
  },
}).createMachine({
  id: 'startup',
  description: 'Room, then avatar, then agent: in that order',
  context: contextFromInput,
  initial: 'connecting',
  states: {
    connecting: {
      description: 'The room is being joined',
      invoke: {
        src: 'connectRoom',
        onDone: [
          { guard: 'avatarIsAwaited', target: 'awaitingAvatar', actions: 'reportJoined' },
          { target: 'starting', actions: 'reportJoined' },
        ],
        onError: { target: 'failed', actions: { type: 'reportFailure', params: failure } },
      },
      after: {
        connectTimeout: {
          target: 'failed',
          actions: { type: 'reportFailure', params: roomTimeout },
        },
      },
    },
    awaitingAvatar: {
      description: 'The avatar comes first: it is there before the first word',
      on: {
        'avatar.*': { target: 'starting', description: 'It is there, or will not be soon' },
      },
    },
    starting: {
      description: 'The agent session starts',
      invoke: {
        src: 'startAgent',
        onDone: { target: 'ready', actions: 'reportReady' },
        onError: { target: 'failed', actions: { type: 'reportFailure', params: failure } },
      },
      after: {
        startTimeout: {
          target: 'failed',
          actions: { type: 'reportFailure', params: agentTimeout },
        },
      },
    },
    ready: { description: 'The agent is live', type: 'final' },
    failed: { description: 'A step failed, or took too long', type: 'final' },
  },
});
