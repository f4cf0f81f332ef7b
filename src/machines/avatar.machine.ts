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

/** In words; with the provider's status where it has one, which its message leaves out. */
const failure = ({ event: { error } }: { event: { error: unknown } }) => {
  const message = error instanceof Error ? error.message : String(error);
  const { statusCode: status } = (error ?? {}) as { statusCode?: unknown };
  const isHttp = typeof status === 'number' && status >= 400;
  return { reason: isHttp ? `${message} (HTTP ${status})` : message };
};

/**
 * The order in which an avatar comes: started, joined with its video, then the agent starts.
 * Whatever goes wrong, the agent stays audible: it speaks for itself while the avatar is tried
 * again, with growing pauses and to a limit. A provider that was started is stopped on every way.
 */
export const avatarMachine = setup({
  types: {
    context: {} as AvatarContext,
    events: {} as AvatarEvent,
    input: {} as AvatarInput,
  },
  actors: {
    /** Has the provider send its avatar. */
    startAvatar: fromPromise<void>(missing('startAvatar')),
    /** Ends what the provider was asked for. */
    stopAvatar: fromPromise<void>(missing('stopAvatar')),
    /** Done when the avatar has said what it is saying. */
    speechEnd: fromPromise<void>(missing('speechEnd')),
    /** Tells of the avatar and of the user: who is there, who went, who fell silent. */
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
    askForPresence: sendTo('presence', { type: 'presence.asked' }),
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
  description: 'Who speaks: the avatar, or the agent for itself',
  context: contextFromInput,
  invoke: { src: 'avatarPresence', id: 'presence' },
  type: 'parallel',
  states: {
    agent: {
      description: 'Whether the agent session runs',
      initial: 'waiting',
      states: {
        waiting: {
          description: 'It starts after the avatar, or without it',
          on: { 'agent.started': { target: 'running', description: 'It runs' } },
        },
        running: { description: 'It speaks and listens' },
      },
    },
    user: {
      description: 'Whether somebody is there to see it',
      initial: 'there',
      states: {
        there: {
          description: 'It is worth its price',
          on: { 'user.left': { target: 'gone', description: 'The user is gone' } },
        },
        gone: {
          description: 'No avatar is started',
          on: { 'user.returned': { target: 'there', description: 'The user is back' } },
        },
      },
    },
    presence: {
      description: 'Where the avatar is',
      initial: 'beginning',
      on: {
        'persona.set': {
          target: '.dismissed',
          actions: 'keepWish',
          description: 'Another one is wanted, or none',
        },
      },
      states: {
        beginning: {
          description: 'Is there an avatar from the start on?',
          always: [{ guard: 'noneIsWanted', target: 'dismissed' }, { target: 'coming' }],
        },
        coming: {
          description: 'On its way: an agent that runs speaks for itself until it is there',
          initial: 'starting',
          on: { 'user.left': { target: 'away', description: 'Nobody is there to see it' } },
          states: {
            starting: {
              description: 'The provider was asked for it',
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
                    { type: 'keepReason', params: { reason: 'it never started' } },
                    'reportFailure',
                  ],
                },
              },
            },
            joining: {
              description: 'It has to join the room, with its video',
              entry: 'askForPresence',
              on: {
                'avatar.broke': {
                  target: '#avatar.presence.voiceOnly',
                  actions: ['keepFault', 'reportFailure'],
                  description: 'Its process ended before it was there',
                },
                'avatar.joined': {
                  target: '#avatar.presence.shown',
                  description: 'It is there',
                },
              },
              after: {
                joinTimeout: {
                  target: '#avatar.presence.voiceOnly',
                  actions: [
                    { type: 'keepReason', params: { reason: 'it never joined' } },
                    'reportFailure',
                  ],
                },
              },
            },
          },
        },
        shown: {
          description: 'In the room: it speaks for the agent',
          initial: 'joined',
          entry: { type: 'report', params: { type: 'avatar.shown' } },
          on: {
            'avatar.left': {
              target: 'voiceOnly',
              actions: ['countDrop', 'keepFault', 'reportLoss'],
              description: 'It went without being asked',
            },
            'avatar.broke': {
              target: 'voiceOnly',
              actions: ['countDrop', 'keepFault', 'reportLoss'],
              description: 'It does not say what it should',
            },
          },
          states: {
            joined: {
              description: 'The agent may start',
              always: { guard: 'agentRuns', target: 'live' },
              on: { 'user.left': { target: 'alone', description: 'The user is gone' } },
            },
            live: {
              description: 'Agent and avatar are there',
              on: { 'user.left': { target: 'alone', description: 'The user is gone' } },
              after: { proven: { actions: 'forgetAttempts' } },
            },
            alone: {
              description: 'It stays for a while: the user may come back',
              on: {
                'user.returned': { target: 'joined', description: 'The user is back' },
                'avatar.left': {
                  target: '#avatar.presence.away',
                  description: 'It went as well, as avatars do in an empty room',
                },
                'avatar.broke': {
                  target: '#avatar.presence.away',
                  description: 'Nobody is there to see another one',
                },
              },
              after: { grace: { target: '#avatar.presence.away' } },
            },
          },
        },
        voiceOnly: {
          description: 'The agent speaks for itself',
          initial: 'stopping',
          on: {
            'user.left': {
              guard: 'avatarIsWanted',
              target: 'away',
              description: 'Nobody is there to see it',
            },
          },
          states: {
            stopping: {
              description: 'What the provider may still run costs money',
              invoke: {
                src: 'stopAvatar',
                onDone: { target: 'deciding' },
                onError: { target: 'deciding' },
              },
              after: { stopTimeout: { target: 'deciding' } },
            },
            deciding: {
              description: 'Is it worth another attempt?',
              always: [
                { guard: 'noneIsWanted', target: '#avatar.presence.absent' },
                { guard: 'userIsGone', target: '#avatar.presence.away' },
                { guard: 'noneWasTried', target: '#avatar.presence.coming' },
                { guard: 'anotherAttemptIsLeft', target: 'backingOff' },
                { target: 'givenUp' },
              ],
            },
            backingOff: {
              description: 'Until the next attempt',
              after: { untilRetry: { target: '#avatar.presence.coming' } },
            },
            givenUp: { description: 'It stays a voice', entry: 'reportGivenUp' },
          },
        },
        away: {
          description: 'The user is gone, and the avatar with it',
          initial: 'stopping',
          entry: ['forgetAttempts', { type: 'report', params: { type: 'avatar.away' } }],
          states: {
            stopping: {
              description: 'Nobody pays for a face that nobody sees',
              invoke: {
                src: 'stopAvatar',
                onDone: { target: 'gone' },
                onError: { target: 'gone' },
              },
              on: {
                'user.returned': { target: 'returning', description: 'Back before it was gone' },
              },
              after: { stopTimeout: { target: 'gone' } },
            },
            gone: {
              description: 'No avatar runs',
              on: {
                'user.returned': {
                  target: '#avatar.presence.coming',
                  description: 'The user is back: it comes again',
                },
              },
            },
            returning: {
              description: 'The old one ends before the new one starts',
              invoke: {
                src: 'stopAvatar',
                onDone: { target: '#avatar.presence.coming' },
                onError: { target: '#avatar.presence.coming' },
              },
              on: { 'user.left': { target: 'stopping', description: 'Gone again' } },
              after: { stopTimeout: { target: '#avatar.presence.coming' } },
            },
          },
        },
        dismissed: {
          description: 'Another avatar is wanted, or none: it says what it is saying to the end',
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
              description: 'In the middle of it: the agent goes on',
            },
            'avatar.broke': {
              target: 'voiceOnly',
              actions: ['keepFault', 'reportLoss'],
              description: 'In the middle of it: the agent goes on',
            },
          },
          after: { finishTimeout: { target: 'voiceOnly' } },
        },
        absent: { description: 'The agent speaks for itself, and no avatar is wanted' },
      },
    },
  },
});
