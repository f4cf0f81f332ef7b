import { assign, fromCallback, fromPromise, sendTo, setup, stateIn } from 'xstate';
import type { AvatarContext, AvatarEvent, AvatarInput } from './avatar.types.ts';

const contextFromInput = ({ input }: { input: AvatarInput }): AvatarContext => ({
  ...input,
  attempts: 0,
  drops: 0,
  reason: null,
});

const parentOf = ({ context }: { context: AvatarContext }) => context.parent;

const missing = (name: string) => () => Promise.reject(new Error(`provide ${name}`));

/** The error's message, with the HTTP status that a plugin's error keeps outside its message. */
const failure = ({ event: { error } }: { event: { error: unknown } }) => {
  const message = error instanceof Error ? error.message : String(error);
  const { statusCode: status } = (error ?? {}) as { statusCode?: unknown };
  const isHttp = typeof status === 'number' && status >= 400;
  return { reason: isHttp ? `${message} (HTTP ${status})` : message };
};

/**
 * Starts the avatar, waits until it has joined with its video, and then lets the agent start. The
 * agent stays audible after every failure: it speaks through its own track while the avatar is
 * restarted, with growing pauses, up to a limit. Every path stops a provider that was started.
 */
export const avatarMachine = setup({
  types: {
    context: {} as AvatarContext,
    events: {} as AvatarEvent,
    input: {} as AvatarInput,
  },
  actors: {
    /** Calls the plugin's `start()`. */
    startAvatar: fromPromise<void>(missing('startAvatar')),
    /** Ends the provider's session. */
    stopAvatar: fromPromise<void>(missing('stopAvatar')),
    /** Resolves when the avatar has finished its current speech segment. */
    speechEnd: fromPromise<void>(missing('speechEnd')),
    /** Reports when the avatar joins, leaves or breaks, and when the user leaves or returns. */
    avatarPresence: fromCallback<{ type: 'presence.asked' }>(() => {
      throw new Error('provide avatarPresence');
    }),
  },
  guards: {
    anotherAttemptIsLeft: ({ context }) => context.attempts < context.maxAttempts,
    agentRuns: stateIn({ agent: 'running' }),
    userIsGone: stateIn({ user: 'gone' }),
    noneIsWanted: ({ context }) => !context.isWanted,
    avatarIsWanted: ({ context }) => context.isWanted,
    noneWasTried: ({ context }) => context.attempts === 0,
  },
  actions: {
    checkPresence: sendTo('presence', { type: 'presence.asked' }),
    countAttempt: assign(({ context }) => ({ attempts: context.attempts + 1 })),
    forgetAttempts: assign({ attempts: 0, reason: null }),
    countDrop: assign(({ context }) => ({ drops: context.drops + 1 })),
    keepWish: assign(({ event }) =>
      event.type === 'persona.set' ? { isWanted: event.hasAvatar } : {},
    ),
    keepFault: assign(({ event }) => ({
      reason: event.type === 'avatar.broke' ? event.reason : 'it left',
    })),
    keepReason: assign((_, params: { reason: string }) => ({ reason: params.reason })),
    report: sendTo(
      parentOf,
      (_, { type }: { type: `avatar.${'shown' | 'away' | 'dismissed'}` }) => ({
        type,
      }),
    ),
    reportFailure: sendTo(parentOf, ({ context: { attempts, reason } }) => ({
      type: 'avatar.failed',
      attempt: attempts,
      reason: reason ?? 'unknown',
    })),
    reportLoss: sendTo(parentOf, ({ context: { reason }, event }) => ({
      type: 'avatar.lost',
      reason: reason ?? 'unknown',
      heardUntil: event.type === 'avatar.broke' ? event.heardUntil : null,
    })),
    reportGivenUp: sendTo(parentOf, ({ context: { attempts, reason } }) => ({
      type: 'avatar.givenUp',
      attempts,
      reason: reason ?? 'unknown',
    })),
  },
  delays: {
    startTimeout: ({ context }) => context.startTimeoutMs,
    finishTimeout: ({ context }) => context.finishTimeoutMs,
    joinTimeout: ({ context }) => context.joinTimeoutMs,
    stopTimeout: ({ context }) => context.stopTimeoutMs,
    grace: ({ context }) => context.graceMs,
    proven: ({ context }) => context.provenMs,
    untilRetry: ({ context }) =>
      Math.min(context.retryMaxMs, context.retryBaseMs * 2 ** Math.max(0, context.attempts - 1)),
  },
}).createMachine({
  id: 'avatar',
  description: 'Who speaks: the avatar, or the agent through its own track',
  context: contextFromInput,
  invoke: { src: 'avatarPresence', id: 'presence' },
  type: 'parallel',
  states: {
    agent: {
      description: 'Whether the agent session is running',
      initial: 'waiting',
      states: {
        waiting: {
          description: 'The agent session starts after the avatar, or without it',
          on: { 'agent.started': { target: 'running', description: 'The agent session started' } },
        },
        running: { description: 'The agent session is running' },
      },
    },
    user: {
      description: 'Whether a user is in the room',
      initial: 'there',
      states: {
        there: {
          description: 'An avatar may run',
          on: { 'user.left': { target: 'gone', description: 'The user left' } },
        },
        gone: {
          description: 'No avatar is started for an empty room',
          on: { 'user.returned': { target: 'there', description: 'The user returned' } },
        },
      },
    },
    presence: {
      description: 'The life of the avatar',
      initial: 'beginning',
      on: {
        'persona.set': {
          target: '.dismissed',
          actions: 'keepWish',
          description: 'The application wants another avatar, or none',
        },
      },
      states: {
        beginning: {
          description: 'Is an avatar wanted from the start?',
          always: [{ guard: 'noneIsWanted', target: 'dismissed' }, { target: 'coming' }],
        },
        coming: {
          description:
            'The avatar is starting; a running agent speaks through its own track until it has joined',
          initial: 'starting',
          on: { 'user.left': { target: 'away', description: 'No user is left to see the avatar' } },
          states: {
            starting: {
              description: "The plugin's start() is running",
              entry: 'countAttempt',
              invoke: {
                src: 'startAvatar',
                onDone: { target: 'joining' },
                onError: {
                  target: '#avatar.presence.voiceOnly',
                  actions: [{ type: 'keepReason', params: failure }, 'reportFailure'],
                },
              },
              after: {
                startTimeout: {
                  target: '#avatar.presence.voiceOnly',
                  actions: [
                    { type: 'keepReason', params: { reason: 'it did not start in time' } },
                    'reportFailure',
                  ],
                },
              },
            },
            joining: {
              description: 'The avatar has to join, with its video',
              entry: 'checkPresence',
              on: {
                'avatar.broke': {
                  target: '#avatar.presence.voiceOnly',
                  actions: ['keepFault', 'reportFailure'],
                  description: 'The avatar ended before it joined',
                },
                'avatar.joined': {
                  target: '#avatar.presence.shown',
                  description: 'The avatar joined with its video',
                },
              },
              after: {
                joinTimeout: {
                  target: '#avatar.presence.voiceOnly',
                  actions: [
                    { type: 'keepReason', params: { reason: 'it did not join in time' } },
                    'reportFailure',
                  ],
                },
              },
            },
          },
        },
        shown: {
          description: 'The avatar is in the room and speaks for the agent',
          initial: 'joined',
          entry: { type: 'report', params: { type: 'avatar.shown' } },
          on: {
            'avatar.left': {
              target: 'voiceOnly',
              actions: ['countDrop', 'keepFault', 'reportLoss'],
              description: 'The avatar left without a request',
            },
            'avatar.broke': {
              target: 'voiceOnly',
              actions: ['countDrop', 'keepFault', 'reportLoss'],
              description: "The avatar no longer plays the agent's speech",
            },
          },
          states: {
            joined: {
              description: 'The avatar has joined, and the agent may start',
              always: { guard: 'agentRuns', target: 'live' },
              on: { 'user.left': { target: 'alone', description: 'The user left' } },
            },
            live: {
              description: 'The agent and the avatar are both running',
              on: { 'user.left': { target: 'alone', description: 'The user left' } },
              after: { proven: { actions: 'forgetAttempts' } },
            },
            alone: {
              description: 'The avatar stays, in case the user returns',
              on: {
                'user.returned': { target: 'joined', description: 'The user returned' },
                'avatar.left': {
                  target: '#avatar.presence.away',
                  description: 'The avatar left too, as many do in an empty room',
                },
                'avatar.broke': {
                  target: '#avatar.presence.away',
                  description: 'No user is there to see a new avatar',
                },
              },
              after: { grace: { target: '#avatar.presence.away' } },
            },
          },
        },
        voiceOnly: {
          description: 'The agent speaks through its own track',
          initial: 'stopping',
          on: {
            'user.left': {
              guard: 'avatarIsWanted',
              target: 'away',
              description: 'No user is left to see the avatar',
            },
          },
          states: {
            stopping: {
              description: "Stops the provider's session",
              invoke: {
                src: 'stopAvatar',
                onDone: { target: 'deciding' },
                onError: { target: 'deciding' },
              },
              after: { stopTimeout: { target: 'deciding' } },
            },
            deciding: {
              description: 'Is another attempt allowed?',
              always: [
                { guard: 'noneIsWanted', target: '#avatar.presence.absent' },
                { guard: 'userIsGone', target: '#avatar.presence.away' },
                { guard: 'noneWasTried', target: '#avatar.presence.coming' },
                { guard: 'anotherAttemptIsLeft', target: 'backingOff' },
                { target: 'givenUp' },
              ],
            },
            backingOff: {
              description: 'Waiting before the next attempt',
              after: { untilRetry: { target: '#avatar.presence.coming' } },
            },
            givenUp: {
              description: 'The attempts are used up',
              entry: 'reportGivenUp',
            },
          },
        },
        away: {
          description: 'The user left, and the avatar is stopped until the user returns',
          initial: 'stopping',
          entry: ['forgetAttempts', { type: 'report', params: { type: 'avatar.away' } }],
          states: {
            stopping: {
              description: 'Stopping the provider',
              invoke: {
                src: 'stopAvatar',
                onDone: { target: 'gone' },
                onError: { target: 'gone' },
              },
              on: {
                'user.returned': { target: 'returning', description: 'Back before it had stopped' },
              },
              after: { stopTimeout: { target: 'gone' } },
            },
            gone: {
              description: 'No avatar is running',
              on: {
                'user.returned': {
                  target: '#avatar.presence.coming',
                  description: 'The user returned: start an avatar again',
                },
              },
            },
            returning: {
              description: 'The old avatar stops first',
              invoke: {
                src: 'stopAvatar',
                onDone: { target: '#avatar.presence.coming' },
                onError: { target: '#avatar.presence.coming' },
              },
              on: { 'user.left': { target: 'stopping', description: 'The user left again' } },
              after: { stopTimeout: { target: '#avatar.presence.coming' } },
            },
          },
        },
        dismissed: {
          description:
            'Another avatar is wanted, or none: the current one finishes its speech segment',
          entry: ['forgetAttempts', { type: 'report', params: { type: 'avatar.dismissed' } }],
          invoke: {
            src: 'speechEnd',
            onDone: { target: 'voiceOnly' },
            onError: { target: 'voiceOnly' },
          },
          on: {
            'avatar.left': {
              target: 'voiceOnly',
              actions: ['keepFault', 'reportLoss'],
              description: 'The avatar left during the segment: the agent continues it',
            },
            'avatar.broke': {
              target: 'voiceOnly',
              actions: ['keepFault', 'reportLoss'],
              description: 'The avatar broke during the segment: the agent continues it',
            },
          },
          after: { finishTimeout: { target: 'voiceOnly' } },
        },
        absent: { description: 'No avatar is wanted' },
      },
    },
  },
});
