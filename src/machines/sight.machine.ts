import { assign, enqueueActions, fromCallback, sendTo, setup } from 'xstate';
import type { idlePauseMachine } from './idle-pause.machine.ts';
import type { IdlePauseEvent } from './idle-pause.types.ts';
import type {
  RoomRequest,
  SightContext,
  SightEvent,
  SightInput,
  SightReport,
  StreamRequest,
} from './sight.types.ts';
import type { streamReplacementMachine } from './stream-replacement.machine.ts';
import type { StreamReplacementEvent } from './stream-replacement.types.ts';
import type { trackDiscoveryMachine } from './track-discovery.machine.ts';
import type { TrackDiscoveryEvent, TrackPick } from './track-discovery.types.ts';

const contextFromInput = ({ input }: { input: SightInput }): SightContext => ({
  ...input,
  pick: null,
  sight: 'none',
  streams: [],
});
const discoveryInput = ({ context }: { context: SightContext }) => context.discovery;
const replacementInput = ({ context }: { context: SightContext }) => context.replacement;
const pauseInput = ({ context }: { context: SightContext }) => context.pause;

const missingCallback = (name: string) => () => {
  throw new Error(`provide ${name}`);
};
/** The stub of a child machine, with the child's own type: the child is known by type alone. */
const missingMachine = <T>(name: string) => fromCallback(missingCallback(name)) as unknown as T;

/**
 * The eyes: what the agent sees now. Carries the room's events to discovery, its pick to stream
 * replacement, and spawns an actor for each stream that is to be open.
 */
export const sightMachine = setup({
  types: {
    context: {} as SightContext,
    events: {} as SightEvent,
    emitted: {} as SightReport,
    input: {} as SightInput,
  },
  actors: {
    /** Turns the room's events into `participant.*`, `track.*` and `room.*`. */
    roomEvents: fromCallback<RoomRequest>(missingCallback('roomEvents')),
    trackDiscovery: missingMachine<typeof trackDiscoveryMachine>('trackDiscovery'),
    streamReplacement: missingMachine<typeof streamReplacementMachine>('streamReplacement'),
    idlePause: missingMachine<typeof idlePauseMachine>('idlePause'),
    /** Reads one track, feeds the newest-frame slot, obeys `stream.*` requests. */
    videoStream: fromCallback<StreamRequest, { streamId: number; pick: TrackPick }>(
      missingCallback('videoStream'),
    ),
  },
  guards: {
    startsOff: ({ context }) => context.mode === 'off',
    modeIsOff: ({ event }) => event.type === 'mode.set' && event.mode === 'off',
    sightIsLive: ({ event }) => event.type === 'sight.changed' && event.sight === 'live',
    sightIsPaused: ({ event }) => event.type === 'sight.changed' && event.sight === 'paused',
    sightIsStalled: ({ event }) => event.type === 'sight.changed' && event.sight === 'stalled',
  },
  actions: {
    report: enqueueActions(({ event, enqueue, self }) => {
      const report = event as SightReport;
      enqueue.emit(report);
      if (self._parent) enqueue.sendTo(self._parent, report);
    }),
    keepPick: assign(({ event }) => (event.type === 'pick.changed' ? { pick: event.pick } : {})),
    keepSight: assign(({ event }) =>
      event.type === 'sight.changed' ? { sight: event.sight } : {},
    ),
    tellDiscovery: sendTo('discovery', ({ event }) => event as TrackDiscoveryEvent),
    tellRoom: sendTo('room', ({ event }) => event as RoomRequest),
    switchOff: enqueueActions(({ context, enqueue }) => {
      const { pick } = context;
      if (pick) enqueue.sendTo('room', { type: 'video.off', identity: pick.identity });
    }),
    switchOn: sendTo('room', { type: 'video.on' }),
    tellReplacement: sendTo('replacement', ({ event }) => event as StreamReplacementEvent),
    tellPause: sendTo('pause', ({ event }) => event as IdlePauseEvent),
    tellPauseOfStream: sendTo('pause', { type: 'stream.replaced' }),
    watchPick: sendTo('replacement', ({ context }) => ({
      type: 'pick.changed',
      pick: context.pick,
    })),
    watchNothing: sendTo('replacement', { type: 'pick.changed', pick: null }),
    pauseVideo: enqueueActions(({ context, enqueue }) => {
      for (const id of context.streams) enqueue.sendTo(`stream-${id}`, { type: 'stream.pause' });
      enqueue.sendTo('replacement', { type: 'video.paused' });
    }),
    resumeVideo: enqueueActions(({ context, enqueue }) => {
      for (const id of context.streams) enqueue.sendTo(`stream-${id}`, { type: 'stream.resume' });
      enqueue.sendTo('replacement', { type: 'video.resumed' });
    }),
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
  },
}).createMachine({
  id: 'sight',
  description: 'What the agent can see',
  context: contextFromInput,
  invoke: [
    { src: 'trackDiscovery', id: 'discovery', input: discoveryInput },
    { src: 'streamReplacement', id: 'replacement', input: replacementInput },
    { src: 'idlePause', id: 'pause', input: pauseInput },
    { src: 'roomEvents', id: 'room' },
  ],
  initial: 'choosing',
  on: {
    'room.*': { actions: 'tellDiscovery', description: 'The connection changed' },
    'participant.*': { actions: 'tellDiscovery', description: 'A participant changed' },
    'track.*': { actions: 'tellDiscovery', description: 'A track changed' },
    'source.pinned': { actions: 'tellDiscovery', description: 'The application chose a source' },
    'subscription.*': {
      actions: 'tellRoom',
      description: 'A track is to be subscribed, or given back',
    },
    'stream.openRequested': {
      actions: ['spawnStream', 'tellPauseOfStream'],
      description: 'A stream gets its actor',
    },
    'stream.closeRequested': {
      actions: ['closeStream', 'tellPauseOfStream'],
      description: 'A stream is to end',
    },
    'stream.closed': {
      actions: ['tellReplacement', 'forgetStream'],
      description: 'A stream ended on request',
    },
    'stream.openFailed': {
      actions: ['tellReplacement', 'forgetStream'],
      description: 'A stream could not be opened',
    },
    'stream.frame': {
      actions: ['tellReplacement', 'tellPause'],
      description: 'A stream shows frames',
    },
    'stream.*': { actions: 'tellReplacement', description: 'A stream reports' },
    'rate.*': { actions: 'tellPause', description: 'When samples are due' },
    'sample.done': { actions: 'tellPause', description: 'A sample was taken' },
    'frame.needed': { actions: 'tellPause', description: 'A frame is wanted now' },
    'flow.*': { actions: 'tellPause', description: 'Somebody wants every frame, or not any more' },
    'video.pauseRequested': { actions: 'pauseVideo', description: 'The next sample is far away' },
    'video.resumeRequested': { actions: 'resumeVideo', description: 'A frame is wanted soon' },
    'video.pauseGivenUp': {
      actions: 'report',
      description: 'The server did not come back in time: no more pauses',
    },
    'pick.changed': {
      actions: ['keepPick', 'report', 'watchPick'],
      description: 'Another track is to be watched',
    },
    'sight.changed': [
      { guard: 'sightIsLive', target: '.seeing', actions: ['keepSight', 'report'] },
      { guard: 'sightIsPaused', target: '.resting', actions: ['keepSight', 'report'] },
      { guard: 'sightIsStalled', target: '.stalled', actions: ['keepSight', 'report'] },
      { target: '.blind', actions: ['keepSight', 'report'] },
    ],
    'mode.set': {
      guard: 'modeIsOff',
      target: '.closed',
      actions: 'watchNothing',
      description: 'The eyes are closed',
    },
  },
  states: {
    choosing: {
      description: 'Is video on from the start?',
      always: [{ guard: 'startsOff', target: 'closed' }, { target: 'blind' }],
    },
    blind: { description: 'No frame comes' },
    seeing: { description: 'Frames come' },
    resting: { description: 'Nothing is sent until the next sample' },
    stalled: { description: 'The stream is open, and its frames stopped' },
    closed: {
      description: 'Video is off',
      entry: 'switchOff',
      exit: 'switchOn',
      on: {
        'pick.changed': {
          actions: ['keepPick', 'report', 'switchOff'],
          description: 'Remembered for later, and not to be sent until then',
        },
        'sight.changed': { actions: ['keepSight', 'report'], description: 'The last stream ends' },
        'mode.set': [
          { guard: 'modeIsOff' },
          { target: 'blind', actions: 'watchPick', description: 'The eyes open again' },
        ],
      },
    },
  },
});
