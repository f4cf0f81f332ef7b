import type { CallbackActorLogic, PromiseActorLogic } from 'xstate';
import { assign, emit, enqueueActions, fromCallback, not, sendTo, setup, stateIn } from 'xstate';
import type { SourceId } from '../source.ts';
import type { avatarMachine } from './avatar.machine.ts';
import type { AvatarInput, AvatarReport } from './avatar.types.ts';
import type { modelLinkMachine } from './model-link.machine.ts';
import type { ModelLinkInput } from './model-link.types.ts';
import type { Parent } from './parent.types.ts';
import type {
  FollowedSource,
  SessionContext,
  SessionEvent,
  SessionInput,
  SessionReport,
} from './session.types.ts';
import type { sourceMachine } from './source.machine.ts';
import type { SourceInput, SourceRequest } from './source.types.ts';
import type { startupMachine } from './startup.machine.ts';
import type { StartupInput } from './startup.types.ts';
import type { turnCompletionMachine } from './turn-completion.machine.ts';
import type { TurnCompletionReport, TurnWithdrawn } from './turn-completion.types.ts';

type Child = { context: SessionContext; self: Parent<SessionEvent> };

const NOTHING_SEEN = { pick: null, streamStatus: 'none' } as const;
const nothingSeen = ({ follow }: SessionInput): SessionContext['sources'] =>
  Object.fromEntries(follow.map(({ id }) => [id, NOTHING_SEEN]));

const contextFromInput = ({ input }: { input: SessionInput }): SessionContext => ({
  ...input,
  model: 'pipeline',
  blindReason: null,
  pinned: null,
  opened: [],
  sources: nothingSeen(input),
  turns: [],
  error: null,
});
const startupInput = ({ context, self }: Child): StartupInput => ({
  ...context.startup,
  parent: self,
  waitsForAvatar: context.avatar !== null,
});
const avatarInput = ({ context, self }: Child) =>
  ({ ...context.avatar, parent: self }) as AvatarInput;
const linkInput = ({ context, self }: Child): ModelLinkInput => ({ ...context.link, parent: self });
const sourceInput = (
  { context: { model, source, mode }, self }: Child,
  followed: FollowedSource,
): SourceInput => ({ ...source, ...followed, parent: self, mode, model });
/** A source that was opened for a look: no samples, no pauses, no pictures for turns. */
const openedInput = (child: Child, opened: FollowedSource): SourceInput => {
  const input = sourceInput(child, opened);
  return {
    ...input,
    mode: input.mode === 'off' ? 'off' : 'onDemand',
    // What the application looks at is not shown to the model.
    model: 'none',
    motion: { ...input.motion, maxPictures: 0 },
    pause: { ...input.pause, isWanted: false },
  };
};
const sourceActor = (id: string) => `source:${id}`;
/** The message of an event's error, which is an `Error` or a text. */
const errorIn = (event: SessionEvent): string => {
  const error = 'error' in event ? event.error : null;
  return error instanceof Error ? error.message : String(error);
};

/** A stub, cast to the type of the child machine that is provided later. */
const missing = <Logic>(name: string) =>
  fromCallback(() => {
    throw new Error(`provide ${name}`);
  }) as unknown as Logic;

/**
 * The session: starts the agent, spawns an actor for each followed source and each model request,
 * passes reports between machines, and can close from every state.
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
    agentEvents: missing<CallbackActorLogic<SessionEvent>>('agentEvents'),
    source: missing<typeof sourceMachine>('source'),
    startup: missing<typeof startupMachine>('startup'),
    avatar: missing<typeof avatarMachine>('avatar'),
    modelLink: missing<typeof modelLinkMachine>('modelLink'),
    turnCompletion: missing<typeof turnCompletionMachine>('turnCompletion'),
    /** Releases everything that the session holds outside the machines. */
    releaseAll: missing<PromiseActorLogic<void>>('releaseAll'),
  },
  guards: {
    anAvatarSpeaks: ({ context }) => context.avatar !== null,
    modelIs: ({ context }, params: { model: string }) => context.model === params.model,
    modelChanges: ({ context, event }) => 'model' in event && event.model !== context.model,
    roomIsJoined: not(stateIn({ open: { startup: 'connecting' } })),
    pictureIsMissing: ({ event }) => event.type === 'turn.ready' && event.outcome !== 'attached',
  },
  actions: {
    announce: emit(({ event }) => event as SessionReport),
    /** Silent if there is no reason: a session that only watches needs no model. */
    announceBlind: enqueueActions(({ context: { blindReason: reason }, enqueue }) => {
      if (reason !== null) enqueue.emit({ type: 'model.blind', reason });
    }),
    announceReady: emit({ type: 'session.ready' }),
    keepModel: assign(({ event }) =>
      event.type === 'session.start' || event.type === 'agent.modelChanged'
        ? { model: event.model, blindReason: 'reason' in event ? event.reason : null }
        : {},
    ),
    keepError: assign(({ event }) => ({ error: errorIn(event) })),
    /** Keeps the error and announces it. */
    fail: enqueueActions(({ event, enqueue }) => {
      const error = errorIn(event);
      enqueue.assign({ error });
      enqueue.emit({ type: 'session.failed', error });
    }),
    keepMode: assign(({ event }) => (event.type === 'mode.set' ? { mode: event.mode } : {})),
    keepPin: assign(({ event }) => ('selector' in event ? { pinned: event.selector } : {})),
    keepSource: assign(({ context, event }) => {
      if (event.type !== 'pick.changed' && event.type !== 'streamStatus.changed') return {};
      const before = context.sources[event.sourceId];
      if (!before) return {};
      const change =
        event.type === 'pick.changed' ? { pick: event.pick } : { streamStatus: event.streamStatus };
      return { sources: { ...context.sources, [event.sourceId]: { ...before, ...change } } };
    }),
    spawnSources: enqueueActions(({ context, enqueue, self }) => {
      for (const followed of context.follow) {
        const input = sourceInput({ context, self }, followed);
        enqueue.spawnChild('source', { id: sourceActor(followed.id), input });
      }
    }),
    openSource: enqueueActions(({ context, event, enqueue, self }) => {
      if (event.type !== 'source.opened' || context.sources[event.source.id]) return;
      const { source } = event;
      enqueue.assign({
        opened: [...context.opened, source],
        sources: { ...context.sources, [source.id]: NOTHING_SEEN },
      });
      const input = openedInput({ context, self }, source);
      enqueue.spawnChild('source', { id: sourceActor(source.id), input });
    }),
    releaseSource: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'source.released') return;
      const { sourceId } = event;
      const opened = context.opened.filter(({ id }) => id !== sourceId);
      if (opened.length === context.opened.length) return;
      const { [sourceId]: _, ...sources } = context.sources;
      enqueue.assign({ opened, sources });
      enqueue.stopChild(sourceActor(sourceId));
    }),
    /** To the source that the event names, or to all. Those for looks serve the application only. */
    notifySources: enqueueActions(({ context, event, enqueue }) => {
      const { sourceId, ...request } = event as SourceRequest & { sourceId?: SourceId };
      const isForLooks = !/^(source|user|agent)\./.test(request.type);
      for (const { id } of [...context.follow, ...(isForLooks ? context.opened : [])])
        if (sourceId === undefined || sourceId === id) enqueue.sendTo(sourceActor(id), request);
    }),
    updateFollowed: enqueueActions(({ context, event, enqueue }) => {
      const type = event.type === 'turn.committed' ? 'turn.committed' : 'sample.due';
      for (const { id } of context.follow) enqueue.sendTo(sourceActor(id), { type });
    }),
    notifyStartup: sendTo('startup', ({ event }) => event as AvatarReport),
    notifyAvatar: sendTo('avatar', ({ event }) =>
      event.type === 'persona.set' ? event : ({ type: 'agent.started' } as const),
    ),
    keepPersona: assign(({ context: { avatar }, event }) =>
      avatar && 'hasAvatar' in event ? { avatar: { ...avatar, isWanted: event.hasAvatar } } : {},
    ),
    spawnTurn: enqueueActions(({ context, event, enqueue, self }) => {
      if (event.type !== 'turn.requested') return;
      const { type: _, ...request } = event;
      enqueue.assign({ turns: [...context.turns, request.requestId] });
      const input = { ...request, ...context.turn, parent: self };
      enqueue.spawnChild('turnCompletion', { id: `turn-${request.requestId}`, input });
    }),
    forgetTurn: enqueueActions(({ context, event, enqueue }) => {
      const { requestId } = event as TurnCompletionReport | TurnWithdrawn;
      enqueue.assign({ turns: context.turns.filter((id) => id !== requestId) });
      enqueue.stopChild(`turn-${requestId}`);
    }),
    notifyTurns: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'turn.committed') return;
      for (const id of context.turns) enqueue.sendTo(`turn-${id}`, event);
    }),
    stopChildren: enqueueActions(({ context, enqueue }) => {
      for (const id of Object.keys(context.sources)) enqueue.stopChild(sourceActor(id));
      for (const id of context.turns) enqueue.stopChild(`turn-${id}`);
      enqueue.assign({ opened: [], sources: nothingSeen(context), turns: [] });
    }),
  },
  delays: { closeTimeout: ({ context }) => context.closeTimeoutMs },
}).createMachine({
  id: 'session',
  description: 'One session: an agent with live video',
  context: contextFromInput,
  initial: 'idle',
  states: {
    idle: {
      description: 'Created, not started',
      on: {
        'session.start': { target: 'open', actions: 'keepModel', description: 'start() called' },
        'session.close': { target: 'closed', description: 'close() before start()' },
      },
    },
    open: {
      description: 'The session is running',
      tags: 'open',
      type: 'parallel',
      invoke: { src: 'agentEvents', id: 'agent' },
      entry: 'spawnSources',
      exit: 'stopChildren',
      on: {
        'session.close': { target: 'closing', description: 'close() called' },
        'agent.closed': { target: 'closing', description: 'The agent session closed by itself' },
        'xstate.error.actor.*': { target: 'closing', actions: 'fail' },
        'agent.handedOff': { actions: 'announce', description: 'Another agent became active' },
      },
      states: {
        startup: {
          description: 'The room, then the avatar, then the agent',
          initial: 'connecting',
          invoke: { src: 'startup', id: 'startup', input: startupInput },
          states: {
            connecting: {
              description: 'The room is connecting',
              on: {
                'startup.joined': { target: 'joined', description: 'The room is connected' },
                'startup.failed': { target: '#session.closing', actions: 'fail' },
              },
            },
            joined: {
              description: 'The avatar joins, then the agent session starts',
              on: {
                'avatar.*': { actions: 'notifyStartup', description: 'It joined, or failed' },
                'startup.ready': { target: 'ready', actions: 'announceReady' },
                'startup.failed': { target: '#session.closing', actions: 'fail' },
              },
            },
            ready: { description: 'The agent session is running', tags: 'ready' },
          },
        },
        avatar: {
          description: 'Who speaks',
          initial: 'none',
          states: {
            none: {
              description: 'The agent speaks through its own track',
              on: {
                'startup.joined': { guard: 'anAvatarSpeaks', target: 'shown' },
                'persona.set': { actions: 'keepPersona', description: 'Another avatar, or none' },
              },
            },
            shown: {
              description: 'An avatar speaks while it is in the room',
              invoke: { src: 'avatar', id: 'avatar', input: avatarInput },
              on: {
                'avatar.*': { actions: 'announce', description: 'It joined, failed or left' },
                'startup.ready': { actions: 'notifyAvatar', description: 'It may speak now' },
                'persona.set': { actions: 'notifyAvatar', description: 'Another avatar, or none' },
              },
            },
          },
        },
        sources: {
          description: 'The followed sources, one actor for each',
          on: {
            'source.pinned': { actions: ['keepPin', 'notifySources'] },
            'source.opened': { actions: 'openSource', description: 'A look needs this source' },
            'source.released': { actions: 'releaseSource', description: 'No look needs it now' },
            'mode.set': { actions: ['keepMode', 'notifySources'] },
            'user.*': { actions: 'notifySources', description: 'The user speaks, stops or types' },
            'look.requested': { actions: 'notifySources' },
            'flow.*': { actions: 'notifySources', description: 'Every frame is needed, or not' },
            'look.*': { actions: 'announce', description: 'A look ended' },
            'pick.changed': { actions: ['keepSource', 'announce'], description: 'Another track' },
            'streamStatus.changed': { actions: ['keepSource', 'announce'] },
            'video.pauseGivenUp': { actions: 'announce', description: 'No more pauses' },
            'sample.*': { actions: 'announce', description: 'A sample was sent, or skipped' },
            'sampler.failed': { actions: 'announce', description: 'A custom sampler threw' },
            'motion.kept': { actions: 'announce', description: 'The kept pictures changed' },
          },
        },
        model: {
          description: "How the active agent's model gets pictures",
          initial: 'choosing',
          on: {
            'agent.modelChanged': [
              {
                guard: 'modelChanges',
                target: '.choosing',
                actions: ['keepModel', 'notifySources'],
              },
              { actions: 'keepModel' },
            ],
            'turn.committed': { actions: ['notifyTurns', 'updateFollowed'] },
            'turn.ready': [
              { guard: 'pictureIsMissing', actions: ['announce', 'forgetTurn'] },
              { actions: 'announce', description: 'The picture is attached' },
            ],
            'turn.cleared': { actions: ['announce', 'forgetTurn'], description: 'Used' },
            'turn.discarded': { actions: ['announce', 'forgetTurn'], description: 'Unused' },
            'turn.withdrawn': { actions: ['announce', 'forgetTurn'], description: 'Withdrawn' },
          },
          states: {
            choosing: {
              description: 'Which kind of model? A realtime model connects only after the room',
              always: [
                { guard: { type: 'modelIs', params: { model: 'pipeline' } }, target: 'attaching' },
                { guard: { type: 'modelIs', params: { model: 'none' } }, target: 'blind' },
                { guard: 'roomIsJoined', target: 'streaming' },
              ],
            },
            streaming: {
              description: 'A realtime model gets pictures between turns while it is connected',
              invoke: { src: 'modelLink', id: 'link', input: linkInput },
              on: {
                'model.sighted': { actions: ['announce', 'updateFollowed'] },
                'model.*': { actions: 'announce', description: 'No picture can be sent' },
              },
            },
            blind: { description: 'The model takes no pictures', entry: 'announceBlind' },
            attaching: {
              description: "Pictures are attached to the user's turns",
              on: { 'turn.requested': { actions: 'spawnTurn' } },
            },
          },
        },
      },
    },
    closing: {
      description: 'Everything that the session holds is being released',
      invoke: {
        src: 'releaseAll',
        onDone: { target: 'closed' },
        onError: { target: 'closed', actions: 'keepError' },
      },
      on: { '*': { description: 'Later events, including failures of children, are ignored' } },
      after: { closeTimeout: { target: 'closed' } },
    },
    closed: { description: 'Everything is released', type: 'final' },
  },
});
