import {
  assign,
  emit,
  enqueueActions,
  fromCallback,
  fromPromise,
  not,
  sendTo,
  setup,
  stateIn,
} from 'xstate';
import type { avatarStartupMachine } from './avatar-startup.machine.ts';
import type { AvatarStartupInput } from './avatar-startup.types.ts';
import type { frameSamplingMachine } from './frame-sampling.machine.ts';
import type { FrameSamplingEvent, FrameSamplingInput } from './frame-sampling.types.ts';
import type { modelLinkMachine } from './model-link.machine.ts';
import type { SessionContext, SessionEvent, SessionInput, SessionReport } from './session.types.ts';
import type { sightMachine } from './sight.machine.ts';
import type { SightInput, SightRequest } from './sight.types.ts';
import type { turnCompletionMachine } from './turn-completion.machine.ts';

const contextFromInput = ({ input }: { input: SessionInput }): SessionContext => ({
  ...input,
  model: 'pipeline',
  pick: null,
  mode: input.sampling.mode,
  sight: 'none',
  turns: [],
  error: null,
});
const sightInput = ({ context }: { context: SessionContext }): SightInput => context.eyes;
const faceInput = ({ context }: { context: SessionContext }) => context.face as AvatarStartupInput;
const linkInput = ({ context }: { context: SessionContext }) => context.link;
const samplingInput = ({ context }: { context: SessionContext }): FrameSamplingInput => ({
  ...context.sampling,
  sink: context.model === 'realtime' ? 'model' : 'none',
});
const failure = ({ event }: { event: { error: unknown } }) => ({
  error: event.error instanceof Error ? event.error.message : String(event.error),
});

const missing = (name: string) => () => Promise.reject(new Error(`provide ${name}`));
const missingCallback = (name: string) => () => {
  throw new Error(`provide ${name}`);
};
/** The stub of a child machine, with the child's own type: the child is known by type alone. */
const missingMachine = <T>(name: string) => fromCallback(missingCallback(name)) as unknown as T;

/**
 * The session actor: starts the agent, opens its eyes, spawns an actor for each model request,
 * carries the reports of one machine to the next, and closes from every state.
 */
export const sessionMachine = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionEvent,
    emitted: {} as SessionReport,
    input: {} as SessionInput,
  },
  actors: {
    /** Turns the agent session's events into `user.*`, `agent.*` and `turn.*`. */
    agentEvents: fromCallback<SessionEvent>(missingCallback('agentEvents')),
    sight: missingMachine<typeof sightMachine>('sight'),
    avatarStartup: missingMachine<typeof avatarStartupMachine>('avatarStartup'),
    frameSampling: missingMachine<typeof frameSamplingMachine>('frameSampling'),
    modelLink: missingMachine<typeof modelLinkMachine>('modelLink'),
    turnCompletion: missingMachine<typeof turnCompletionMachine>('turnCompletion'),
    connectRoom: fromPromise<void>(missing('connectRoom')),
    startAgent: fromPromise<void>(missing('startAgent')),
    /** Gives back what the session holds in the outer world. */
    releaseAll: fromPromise<void>(missing('releaseAll')),
  },
  guards: {
    anAvatarSpeaks: ({ context }) => context.face !== null,
    roomWaitsForAvatar: stateIn({ open: { startup: 'showing' } }),
    modelIsPipeline: ({ context }) => context.model === 'pipeline',
    noFrameWasTaken: ({ event }) =>
      event.type === 'sample.skipped' && ['busy', 'no-frame', 'off'].includes(event.reason),
    roomIsJoined: not(stateIn({ open: { startup: 'connecting' } })),
    videoRests: ({ context }) => context.sight === 'paused',
    streamIsNew: ({ event }) => event.type === 'sight.changed' && event.sight === 'opening',
    pictureIsMissing: ({ event }) => event.type === 'turn.ready' && event.outcome !== 'attached',
  },
  actions: {
    announce: emit(({ event }) => event as SessionReport),
    announceReady: emit({ type: 'session.ready' }),
    announceFailure: emit(({ context }) => ({
      type: 'session.failed',
      error: context.error ?? 'unknown',
    })),
    keepModel: assign(({ event }) =>
      event.type === 'session.start' ? { model: event.model } : {},
    ),
    keepError: assign((_, params: { error: string }) => ({ error: params.error })),
    keepConnectTimeout: assign(({ context }) => ({
      error: `the room did not connect within ${context.connectTimeoutMs} ms`,
    })),
    keepStartTimeout: assign(({ context }) => ({
      error: `the agent session did not start within ${context.startTimeoutMs} ms`,
    })),
    keepPick: assign(({ event }) => (event.type === 'pick.changed' ? { pick: event.pick } : {})),
    keepMode: assign(({ event }) => (event.type === 'mode.set' ? { mode: event.mode } : {})),
    keepSight: assign(({ event }) =>
      event.type === 'sight.changed' ? { sight: event.sight } : {},
    ),
    tellSight: sendTo('sight', ({ event }) => event as SightRequest),
    tellSightOfNeed: sendTo('sight', { type: 'frame.needed' }),
    tellSightOfSample: sendTo('sight', { type: 'sample.done' }),
    tellFace: enqueueActions(({ context, enqueue }) => {
      if (context.face) enqueue.sendTo('face', { type: 'agent.started' });
    }),
    takeSample: sendTo('sampling', { type: 'sample.due' }),
    awaitSample: sendTo('sampling', { type: 'sample.awaited' }),
    tellSampling: sendTo('sampling', ({ event }) => event as FrameSamplingEvent),
    spawnTurn: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'turn.requested') return;
      const { type: _, ...request } = event;
      enqueue.assign({ turns: [...context.turns, request.requestId] });
      enqueue.spawnChild('turnCompletion', {
        id: `turn-${request.requestId}`,
        input: { ...request, ...context.turn },
      });
    }),
    forgetTurn: enqueueActions(({ context, event, enqueue }) => {
      if (
        event.type !== 'turn.ready' &&
        event.type !== 'turn.cleared' &&
        event.type !== 'turn.discarded'
      )
        return;
      const { requestId } = event;
      enqueue.assign({ turns: context.turns.filter((id) => id !== requestId) });
      enqueue.stopChild(`turn-${requestId}`);
    }),
    tellTurns: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'turn.committed') return;
      for (const id of context.turns) enqueue.sendTo(`turn-${id}`, event);
    }),
    stopTurns: enqueueActions(({ context, enqueue }) => {
      for (const id of context.turns) enqueue.stopChild(`turn-${id}`);
      enqueue.assign({ turns: [], pick: null, sight: 'none' });
    }),
  },
  delays: {
    connectTimeout: ({ context }) => context.connectTimeoutMs,
    startTimeout: ({ context }) => context.startTimeoutMs,
    closeTimeout: ({ context }) => context.closeTimeoutMs,
  },
}).createMachine({
  id: 'session',
  description: 'One agent with eyes',
  context: contextFromInput,
  initial: 'idle',
  states: {
    idle: {
      description: 'Made, not started',
      on: {
        'session.start': {
          target: 'open',
          actions: 'keepModel',
          description: 'start() was called',
        },
        'session.close': { target: 'closed', description: 'close() before start()' },
      },
    },
    open: {
      description: 'Watching, and serving the agent',
      type: 'parallel',
      invoke: { src: 'agentEvents', id: 'agent' },
      exit: 'stopTurns',
      on: {
        'session.close': { target: 'closing', description: 'close() was called' },
        'agent.closed': { target: 'closing', description: 'The agent session ended by itself' },
        'xstate.error.actor.*': {
          target: 'closing',
          actions: [{ type: 'keepError', params: failure }, 'announceFailure'],
          description: 'A part failed that must not',
        },
        'agent.handedOff': { actions: 'announce', description: 'Another agent took over' },
      },
      states: {
        startup: {
          description: 'Room, then avatar, then agent: in that order',
          initial: 'connecting',
          states: {
            connecting: {
              description: 'The room is being joined',
              invoke: {
                src: 'connectRoom',
                onDone: [{ guard: 'anAvatarSpeaks', target: 'showing' }, { target: 'starting' }],
                onError: {
                  target: '#session.closing',
                  actions: [{ type: 'keepError', params: failure }, 'announceFailure'],
                },
              },
              after: {
                connectTimeout: {
                  target: '#session.closing',
                  actions: ['keepConnectTimeout', 'announceFailure'],
                },
              },
            },
            showing: {
              description: 'The avatar comes first: it is there before the first word',
              on: {
                'face.*': { target: 'starting', description: 'It is there, or will not be soon' },
              },
            },
            starting: {
              description: 'The agent session starts',
              invoke: {
                src: 'startAgent',
                onDone: { target: 'ready', actions: ['announceReady', 'tellFace'] },
                onError: {
                  target: '#session.closing',
                  actions: [{ type: 'keepError', params: failure }, 'announceFailure'],
                },
              },
              after: {
                startTimeout: {
                  target: '#session.closing',
                  actions: ['keepStartTimeout', 'announceFailure'],
                },
              },
            },
            ready: { description: 'The agent is live' },
          },
        },
        face: {
          description: 'Who speaks',
          initial: 'none',
          states: {
            none: {
              description: 'The agent, by its own track',
              always: { guard: 'roomWaitsForAvatar', target: 'shown' },
            },
            shown: {
              description: 'The avatar, whenever it is there',
              invoke: { src: 'avatarStartup', id: 'face', input: faceInput },
              on: { 'face.*': { actions: 'announce', description: 'It came, or went' } },
            },
          },
        },
        sight: {
          description: 'What the agent can see',
          invoke: { src: 'sight', id: 'sight', input: sightInput },
          on: {
            'source.pinned': {
              actions: 'tellSight',
              description: 'The application chose a source',
            },
            'mode.set': {
              actions: ['keepMode', 'tellSight', 'tellSampling'],
              description: 'Another way to see, or none',
            },
            'pick.changed': {
              actions: ['keepPick', 'announce'],
              description: 'Another track is to be watched',
            },
            'sight.changed': {
              actions: ['keepSight', 'announce'],
              description: 'Frames come, or stop',
            },
            'video.pauseGivenUp': { actions: 'announce', description: 'No more pauses' },
          },
        },
        sampling: {
          description: 'When the model gets a frame between turns, and looks',
          invoke: { src: 'frameSampling', id: 'sampling', input: samplingInput },
          on: {
            'user.speaking': {
              actions: ['tellSampling', 'tellSightOfNeed'],
              description: 'The user starts to speak',
            },
            'user.silent': { actions: 'tellSampling', description: 'The user stopped' },
            'sample.due': {
              actions: 'tellSampling',
              description: 'What was taken is not the picture to send any more',
            },
            'turn.typed': [
              {
                guard: 'videoRests',
                actions: ['awaitSample', 'tellSightOfNeed'],
                description: 'A typed turn, and the newest frame is an old one',
              },
              { actions: 'takeSample', description: 'A typed turn goes with the newest frame' },
            ],
            'rate.changed': { actions: 'tellSight', description: 'Samples come at another rate' },
            'look.requested': {
              actions: ['tellSampling', 'tellSightOfNeed'],
              description: 'The application wants one fresh frame',
            },
            'look.*': { actions: 'announce', description: 'A look is over' },
            'sample.sent': {
              actions: ['announce', 'tellSightOfSample'],
              description: 'The model got a frame',
            },
            'sample.skipped': [
              { guard: 'noFrameWasTaken', actions: 'announce' },
              {
                actions: ['announce', 'tellSightOfSample'],
                description: 'A sample was not sent',
              },
            ],
            'sampler.failed': { actions: 'announce', description: 'A custom sampler threw' },
          },
        },
        turn: {
          description: 'The picture of each user turn',
          initial: 'choosing',
          states: {
            choosing: {
              description:
                'What kind of model is it? A realtime one connects when its agent starts',
              always: [
                { guard: 'modelIsPipeline', target: 'attaching' },
                { guard: 'roomIsJoined', target: 'streaming' },
              ],
            },
            streaming: {
              description: 'A realtime model sees between the turns, while it is connected',
              invoke: { src: 'modelLink', id: 'link', input: linkInput },
              on: {
                'model.sighted': {
                  actions: ['announce', 'takeSample'],
                  description:
                    'A connection that has seen nothing yet: the newest frame goes first',
                },
                'sight.changed': {
                  guard: 'streamIsNew',
                  actions: 'takeSample',
                  description: 'Its first frame is shown at once',
                },
                'model.*': { actions: 'announce', description: 'No picture can go' },
              },
            },
            attaching: {
              description: 'Each model request gets an actor of its own',
              on: {
                'turn.requested': {
                  actions: 'spawnTurn',
                  description: 'The model is about to be asked',
                },
                'turn.committed': {
                  actions: 'tellTurns',
                  description: 'A request became part of the conversation',
                },
                'turn.ready': [
                  { guard: 'pictureIsMissing', actions: ['announce', 'forgetTurn'] },
                  { actions: 'announce', description: 'The picture is attached' },
                ],
                'turn.cleared': {
                  actions: ['announce', 'forgetTurn'],
                  description: 'The frame was used',
                },
                'turn.discarded': {
                  actions: ['announce', 'forgetTurn'],
                  description: 'The request was thrown away',
                },
              },
            },
          },
        },
      },
    },
    closing: {
      description: 'What is held is given back',
      invoke: {
        src: 'releaseAll',
        onDone: { target: 'closed' },
        onError: { target: 'closed', actions: { type: 'keepError', params: failure } },
      },
      on: { '*': { description: 'Whatever happens now, also the failure of a part: it ends' } },
      after: { closeTimeout: { target: 'closed' } },
    },
    closed: { description: 'Over: nothing is left', type: 'final' },
  },
});
