import { assign, emit, enqueueActions, fromCallback, fromPromise, sendTo, setup } from 'xstate';
import type { frameSamplingMachine } from './frame-sampling.machine.ts';
import type { FrameSamplingEvent, FrameSamplingInput } from './frame-sampling.types.ts';
import type { SessionContext, SessionEvent, SessionInput, SessionReport } from './session.types.ts';
import type { streamReplacementMachine } from './stream-replacement.machine.ts';
import type { StreamReplacementEvent } from './stream-replacement.types.ts';
import type { trackDiscoveryMachine } from './track-discovery.machine.ts';
import type {
  TrackDiscoveryEvent,
  TrackDiscoveryReport,
  TrackPick,
} from './track-discovery.types.ts';
import type { turnCompletionMachine } from './turn-completion.machine.ts';

const contextFromInput = ({ input }: { input: SessionInput }): SessionContext => ({
  ...input,
  model: 'pipeline',
  pick: null,
  mode: input.sampling.mode,
  sight: 'none',
  streams: [],
  turns: [],
  error: null,
});
const discoveryInput = ({ context }: { context: SessionContext }) => context.discovery;
const replacementInput = ({ context }: { context: SessionContext }) => context.replacement;
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
 * The session actor: starts the agent, spawns an actor for each video stream and each model
 * request, carries the reports of one machine to the next, and closes from every state.
 */
export const sessionMachine = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionEvent,
    emitted: {} as SessionReport,
    input: {} as SessionInput,
  },
  actors: {
    /** Turns the room's events into `participant.*`, `track.*` and `room.*`. */
    roomEvents: fromCallback<TrackDiscoveryReport>(missingCallback('roomEvents')),
    /** Turns the agent session's events into `user.*`, `agent.*` and `turn.*`. */
    agentEvents: fromCallback<SessionEvent>(missingCallback('agentEvents')),
    trackDiscovery: missingMachine<typeof trackDiscoveryMachine>('trackDiscovery'),
    streamReplacement: missingMachine<typeof streamReplacementMachine>('streamReplacement'),
    frameSampling: missingMachine<typeof frameSamplingMachine>('frameSampling'),
    turnCompletion: missingMachine<typeof turnCompletionMachine>('turnCompletion'),
    /** Reads one track, feeds the newest-frame slot, ends on `stream.close`. */
    videoStream: fromCallback<{ type: 'stream.close' }, { streamId: number; pick: TrackPick }>(
      missingCallback('videoStream'),
    ),
    connectRoom: fromPromise<void>(missing('connectRoom')),
    startAgent: fromPromise<void>(missing('startAgent')),
    /** Gives back what the session holds in the outer world. */
    releaseAll: fromPromise<void>(missing('releaseAll')),
  },
  guards: {
    modelIsRealtime: ({ context }) => context.model === 'realtime',
    startsOff: ({ context }) => context.mode === 'off',
    modeIsOff: ({ event }) => event.type === 'mode.set' && event.mode === 'off',
    sightIsLive: ({ event }) => event.type === 'sight.changed' && event.sight === 'live',
    sightIsStalled: ({ event }) => event.type === 'sight.changed' && event.sight === 'stalled',
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
    tellDiscovery: sendTo('discovery', ({ event }) => event as TrackDiscoveryEvent),
    tellRoom: sendTo('room', ({ event }) => event as TrackDiscoveryReport),
    tellReplacement: sendTo('replacement', ({ event }) => event as StreamReplacementEvent),
    tellSampling: sendTo('sampling', ({ event }) => event as FrameSamplingEvent),
    watchPick: sendTo('replacement', ({ context }) => ({
      type: 'pick.changed',
      pick: context.pick,
    })),
    watchNothing: sendTo('replacement', { type: 'pick.changed', pick: null }),
    spawnStream: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'stream.openRequested') return;
      const { streamId, pick } = event;
      enqueue.assign({ streams: [...context.streams, streamId] });
      enqueue.spawnChild('videoStream', { id: `stream-${streamId}`, input: { streamId, pick } });
    }),
    closeStream: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'stream.closeRequested') return;
      const { streamId } = event;
      if (context.streams.includes(streamId))
        enqueue.sendTo(`stream-${streamId}`, { type: 'stream.close' });
    }),
    forgetStream: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'stream.closed' && event.type !== 'stream.openFailed') return;
      const { streamId } = event;
      if (!context.streams.includes(streamId)) return;
      enqueue.assign({ streams: context.streams.filter((id) => id !== streamId) });
      enqueue.stopChild(`stream-${streamId}`);
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
    stopChildren: enqueueActions(({ context, enqueue }) => {
      for (const id of context.streams) enqueue.stopChild(`stream-${id}`);
      for (const id of context.turns) enqueue.stopChild(`turn-${id}`);
      enqueue.assign({ streams: [], turns: [], pick: null, sight: 'none' });
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
      invoke: [
        { src: 'trackDiscovery', id: 'discovery', input: discoveryInput },
        { src: 'streamReplacement', id: 'replacement', input: replacementInput },
        { src: 'roomEvents', id: 'room' },
        { src: 'agentEvents', id: 'agent' },
      ],
      exit: 'stopChildren',
      on: {
        'session.close': { target: 'closing', description: 'close() was called' },
        'agent.closed': { target: 'closing', description: 'The agent session ended by itself' },
        'agent.handedOff': { actions: 'announce', description: 'Another agent took over' },
      },
      states: {
        startup: {
          description: 'Room, then agent: in that order',
          initial: 'connecting',
          states: {
            connecting: {
              description: 'The room is being joined',
              invoke: {
                src: 'connectRoom',
                onDone: { target: 'starting' },
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
            starting: {
              description: 'The agent session starts',
              invoke: {
                src: 'startAgent',
                onDone: { target: 'ready', actions: 'announceReady' },
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
        sight: {
          description: 'What the agent can see',
          initial: 'choosing',
          on: {
            'room.*': { actions: 'tellDiscovery', description: 'The connection changed' },
            'participant.*': { actions: 'tellDiscovery', description: 'A participant changed' },
            'track.*': { actions: 'tellDiscovery', description: 'A track changed' },
            'source.pinned': {
              actions: 'tellDiscovery',
              description: 'The application chose a source',
            },
            'subscription.*': {
              actions: 'tellRoom',
              description: 'A track is to be subscribed, or given back',
            },
            'stream.openRequested': {
              actions: 'spawnStream',
              description: 'A stream gets its actor',
            },
            'stream.closeRequested': { actions: 'closeStream', description: 'A stream is to end' },
            'stream.closed': {
              actions: ['tellReplacement', 'forgetStream'],
              description: 'A stream ended on request',
            },
            'stream.openFailed': {
              actions: ['tellReplacement', 'forgetStream'],
              description: 'A stream could not be opened',
            },
            'stream.*': { actions: 'tellReplacement', description: 'A stream reports' },
            'pick.changed': {
              actions: ['keepPick', 'announce', 'watchPick'],
              description: 'Another track is to be watched',
            },
            'sight.changed': [
              { guard: 'sightIsLive', target: '.seeing', actions: ['keepSight', 'announce'] },
              { guard: 'sightIsStalled', target: '.stalled', actions: ['keepSight', 'announce'] },
              { target: '.blind', actions: ['keepSight', 'announce'] },
            ],
            'mode.set': [
              {
                guard: 'modeIsOff',
                target: '.closed',
                actions: ['keepMode', 'tellSampling', 'watchNothing'],
                description: 'The eyes are closed',
              },
              { actions: ['keepMode', 'tellSampling'], description: 'Another way to sample' },
            ],
          },
          states: {
            choosing: {
              description: 'Is video on from the start?',
              always: [{ guard: 'startsOff', target: 'closed' }, { target: 'blind' }],
            },
            blind: { description: 'No frame comes' },
            seeing: { description: 'Frames come' },
            stalled: { description: 'The stream is open, and its frames stopped' },
            closed: {
              description: 'Video is off',
              on: {
                'pick.changed': {
                  actions: ['keepPick', 'announce'],
                  description: 'Remembered for later',
                },
                'sight.changed': {
                  actions: ['keepSight', 'announce'],
                  description: 'The last stream ends',
                },
                'mode.set': [
                  { guard: 'modeIsOff' },
                  {
                    target: 'blind',
                    actions: ['keepMode', 'tellSampling', 'watchPick'],
                    description: 'The eyes open again',
                  },
                ],
              },
            },
          },
        },
        sampling: {
          description: 'When the model gets a frame between turns, and looks',
          invoke: { src: 'frameSampling', id: 'sampling', input: samplingInput },
          on: {
            'user.*': { actions: 'tellSampling', description: 'The user speaks, or stops' },
            'look.requested': {
              actions: 'tellSampling',
              description: 'The application wants one fresh frame',
            },
            'look.answered': { actions: 'announce', description: 'It is there' },
            'look.failed': { actions: 'announce', description: 'It did not come' },
            'sample.sent': { actions: 'announce', description: 'The model got a frame' },
            'sample.skipped': { actions: 'announce', description: 'A sample was not sent' },
            'sampler.failed': { actions: 'announce', description: 'A custom sampler threw' },
          },
        },
        turn: {
          description: 'The picture of each user turn',
          initial: 'choosing',
          states: {
            choosing: {
              description: 'What kind of model is it?',
              always: [{ guard: 'modelIsRealtime', target: 'streaming' }, { target: 'attaching' }],
            },
            streaming: { description: 'A realtime model has seen already' },
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
      after: { closeTimeout: { target: 'closed' } },
    },
    closed: { description: 'Over: nothing is left', type: 'final' },
  },
});
