import { fromPromise, sendTo, setup } from 'xstate';
import type { StartupContext, StartupEvent, StartupInput, StartupReport } from './startup.types.ts';

const contextFromInput = ({ input }: { input: StartupInput }): StartupContext => input;
const parent = ({ context }: { context: StartupContext }) => context.parent;
const missing = (name: string) => () => Promise.reject(new Error(`provide ${name}`));

/** The message of an error, or the text of anything else that was thrown. */
const messageOf = (error: unknown): string => {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    // An object without a prototype has no text.
    return 'an error without a text';
  }
};

/** The error of a failed step, for the report. */
const failure = ({ event: { error } }: { event: { error: unknown } }) => ({
  error: messageOf(error),
});
const roomTimeout = ({ context }: { context: StartupContext }) => ({
  error: `the room did not connect within ${context.connectTimeoutMs} ms`,
});
const agentTimeout = ({ context }: { context: StartupContext }) => ({
  error: `the agent session did not start within ${context.startTimeoutMs} ms`,
});

/** Starts a session: the room, then the avatar, then the agent. */
export const startupMachine = setup({
  types: {
    context: {} as StartupContext,
    events: {} as StartupEvent,
    input: {} as StartupInput,
  },
  actors: {
    /** Resolves when the room is connected. */
    connectRoom: fromPromise<void>(missing('connectRoom')),
    /** Resolves when the agent session has started. */
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
  description: 'The room, then the avatar, then the agent',
  context: contextFromInput,
  initial: 'connecting',
  states: {
    connecting: {
      description: 'The room is connecting',
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
      description: "The avatar joins before the agent's first word",
      on: {
        'avatar.*': { target: 'starting', description: 'The avatar joined, or failed' },
      },
    },
    starting: {
      description: 'The agent session is starting',
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
    ready: { description: 'The agent session is running', type: 'final' },
    failed: { description: 'A step failed or timed out', type: 'final' },
  },
});
