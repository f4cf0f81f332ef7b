import {
  assign,
  emit,
  enqueueActions,
  fromCallback,
  fromPromise,
  not,
  setup,
  stateIn,
} from 'xstate';
import type { avatarStartupMachine } from './avatar-startup.machine.ts';
import type { AvatarStartupInput } from './avatar-startup.types.ts';
import type { modelLinkMachine } from './model-link.machine.ts';
import type {
  SessionContext,
  SessionEvent,
  SessionInput,
  SessionReport,
  ToOneView,
} from './session.types.ts';
import type { turnCompletionMachine } from './turn-completion.machine.ts';
import type { viewMachine } from './view.machine.ts';
import type { ViewInput, ViewRequest } from './view.types.ts';

const contextFromInput = ({ input }: { input: SessionInput }): SessionContext => ({
  ...input,
  model: 'pipeline',
  mode: input.sampling.mode,
  views: input.eyes.map(() => ({ pick: null, sight: 'none' })),
  turns: [],
  error: null,
});
const faceInput = ({ context }: { context: SessionContext }) => context.face as AvatarStartupInput;
const linkInput = ({ context }: { context: SessionContext }) => context.link;
const viewInputs = ({ eyes, sampling, look, motion, model }: SessionContext): ViewInput[] =>
  eyes.map((input, view) => ({
    view,
    eyes: input,
    sampling: { ...sampling, sink: model === 'realtime' ? 'model' : 'none' },
    look,
    // A realtime model sees the turn while it goes on.
    motion: model === 'realtime' ? { ...motion, maxPictures: 0 } : motion,
  }));
const failure = ({ event }: { event: { error: unknown } }) => ({
  error: event.error instanceof Error ? event.error.message : String(event.error),
});

const missing = (name: string) => () => Promise.reject(new Error(`provide ${name}`));
const missingCallback = (name: string) => () => {
  throw new Error(`provide ${name}`);
};
const FOR_ONE_VIEW = ['sample.due', 'look.requested', 'flow.held', 'flow.released'];
const isForOneView = (event: SessionEvent): event is ToOneView & { view: number } =>
  FOR_ONE_VIEW.includes(event.type);
/** The stub of a child machine, with the child's own type: the child is known by type alone. */
const missingMachine = <T>(name: string) => fromCallback(missingCallback(name)) as unknown as T;

/**
 * The session actor: starts the agent, spawns an actor for each source that is followed and for
 * each model request, carries the reports of one machine to the next, and closes from every state.
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
    /** Follows one source: its eyes, and its rate. */
    view: missingMachine<typeof viewMachine>('view'),
    avatarStartup: missingMachine<typeof avatarStartupMachine>('avatarStartup'),
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
    roomIsJoined: not(stateIn({ open: { startup: 'connecting' } })),
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
    keepMode: assign(({ event }) => (event.type === 'mode.set' ? { mode: event.mode } : {})),
    keepView: assign(({ context, event }) => {
      if (event.type !== 'pick.changed' && event.type !== 'sight.changed') return {};
      const seen = event.type === 'pick.changed' ? { pick: event.pick } : { sight: event.sight };
      return {
        views: context.views.map((view, index) =>
          index === event.view ? { ...view, ...seen } : view,
        ),
      };
    }),
    spawnViews: enqueueActions(({ context, enqueue }) => {
      for (const input of viewInputs(context))
        enqueue.spawnChild('view', { id: `view-${input.view}`, input });
    }),
    tellViews: enqueueActions(({ context, event, enqueue }) => {
      for (const view of context.views.keys()) enqueue.sendTo(`view-${view}`, event as ViewRequest);
    }),
    tellView: enqueueActions(({ context, event, enqueue }) => {
      if (!isForOneView(event)) return;
      const { view, ...request } = event;
      if (view in context.views) enqueue.sendTo(`view-${view}`, request);
    }),
    tellViewsOfTurn: enqueueActions(({ context, enqueue }) => {
      for (const view of context.views.keys())
        enqueue.sendTo(`view-${view}`, { type: 'turn.committed' });
    }),
    takeSamples: enqueueActions(({ context, enqueue }) => {
      for (const view of context.views.keys())
        enqueue.sendTo(`view-${view}`, { type: 'sample.due' });
    }),
    stopViews: enqueueActions(({ context, enqueue }) => {
      for (const view of context.views.keys()) enqueue.stopChild(`view-${view}`);
      enqueue.assign({ views: context.views.map(() => ({ pick: null, sight: 'none' })) });
    }),
    tellFace: enqueueActions(({ context, enqueue }) => {
      if (context.face) enqueue.sendTo('face', { type: 'agent.started' });
    }),
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
      enqueue.assign({ turns: [] });
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
      entry: 'spawnViews',
      exit: ['stopTurns', 'stopViews'],
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
        views: {
          description: 'The sources that are followed, each by a view of its own',
          on: {
            'source.pinned': {
              actions: 'tellViews',
              description: 'The application chose a track',
            },
            'mode.set': {
              actions: ['keepMode', 'tellViews'],
              description: 'Another way to see, or none',
            },
            'user.*': { actions: 'tellViews', description: 'The user speaks, or stopped' },
            'turn.typed': { actions: 'tellViews', description: 'The user typed to the model' },
            'sample.due': {
              actions: 'tellView',
              description: 'What was taken is not the picture to send any more',
            },
            'look.requested': {
              actions: 'tellView',
              description: 'The application wants one fresh frame',
            },
            'flow.*': {
              actions: 'tellView',
              description: 'Somebody wants every frame, or not any more',
            },
            'look.*': { actions: 'announce', description: 'A look is over' },
            'pick.changed': {
              actions: ['keepView', 'announce'],
              description: 'Another track is to be watched',
            },
            'sight.changed': {
              actions: ['keepView', 'announce'],
              description: 'Frames come, or stop',
            },
            'video.pauseGivenUp': { actions: 'announce', description: 'No more pauses' },
            'sample.*': { actions: 'announce', description: 'A sample was sent, or was not' },
            'sampler.failed': { actions: 'announce', description: 'A custom sampler threw' },
            'motion.kept': {
              actions: 'announce',
              description: 'Other pictures of the turn are kept',
            },
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
                  actions: ['announce', 'takeSamples'],
                  description:
                    'A connection that has seen nothing yet: the newest frame goes first',
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
                  actions: ['tellTurns', 'tellViewsOfTurn'],
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
