import type { ActorRefFrom } from 'xstate';
import type { FrameRef } from '../../../src/frame.ts';
import { avatarMachine } from '../../../src/machines/avatar.machine.ts';
import type { AvatarEvent } from '../../../src/machines/avatar.types.ts';
import { frameSamplingMachine } from '../../../src/machines/frame-sampling.machine.ts';
import type {
  CaptureResult,
  FrameSamplingEvent,
  OfSource,
  PushOutcome,
  SamplerInput,
} from '../../../src/machines/frame-sampling.types.ts';
import { lookMachine } from '../../../src/machines/look.machine.ts';
import { modelLinkMachine } from '../../../src/machines/model-link.machine.ts';
import type { ModelLinkEvent } from '../../../src/machines/model-link.types.ts';
import { sessionMachine } from '../../../src/machines/session.machine.ts';
import type { SessionEvent, SessionInput } from '../../../src/machines/session.types.ts';
import type { sourceMachine } from '../../../src/machines/source.machine.ts';
import { startupMachine } from '../../../src/machines/startup.machine.ts';
import type { TrackDiscoveryEvent } from '../../../src/machines/track-discovery.types.ts';
import { turnCompletionMachine } from '../../../src/machines/turn-completion.machine.ts';
import { turnMotionMachine } from '../../../src/machines/turn-motion.machine.ts';
import type { ModelKind, SamplingMode, SourceId } from '../../../src/source.ts';
import { newestFrame, SOURCE_ID, sessionInput } from './inputs.ts';
import { Outside } from './outside.ts';
import { record } from './recorded.ts';

/** A session of real machines. A test controls its room, agent, streams, encoder and model. */
export function simulatedSession(change: Partial<SessionInput> = {}, outside = new Outside()) {
  const jobs = {
    connect: outside.jobs<void>('connect'),
    start: outside.jobs<void>('start'),
    release: outside.jobs<void>('release'),
    encode: outside.jobs<FrameRef | null, { frameId: number; requestId: number }>('encode'),
    firstFrame: outside.jobs<FrameRef>('first frame'),
    freshFrame: outside.jobs<FrameRef, OfSource>('fresh frame'),
    look: outside.jobs<FrameRef, OfSource>('look'),
    capture: outside.jobs<CaptureResult, OfSource>('capture'),
    motion: outside.jobs<number | null, OfSource>('motion'),
    push: outside.jobs<PushOutcome, OfSource & { frameId: number }>('push'),
    revive: outside.jobs<void>('revive'),
    startAvatar: outside.jobs<void>('start avatar'),
    stopAvatar: outside.jobs<void>('stop avatar'),
  };
  const machine = sessionMachine.provide({
    actors: {
      source: outside.source().provide({
        actors: {
          frameSampling: frameSamplingMachine.provide({
            actors: {
              sampler: outside.actor<FrameSamplingEvent, SamplerInput>('sampler'),
              captureNewest: jobs.capture.logic,
              pushFrame: jobs.push.logic,
              freshFrame: jobs.freshFrame.logic,
            },
          }),
          look: lookMachine.provide({ actors: { freshFrame: jobs.look.logic } }),
          turnMotion: turnMotionMachine.provide({ actors: { takePicture: jobs.motion.logic } }),
        },
      }),
      avatar: avatarMachine.provide({
        actors: {
          startAvatar: jobs.startAvatar.logic,
          stopAvatar: jobs.stopAvatar.logic,
          avatarPresence: outside.actor<{ type: 'presence.asked' }>('presence'),
        },
      }),
      modelLink: modelLinkMachine.provide({
        actors: {
          connectionEvents: outside.actor<ModelLinkEvent>('connection'),
          revive: jobs.revive.logic,
        },
      }),
      turnCompletion: turnCompletionMachine.provide({
        actors: { firstFrame: jobs.firstFrame.logic, encodePicture: jobs.encode.logic },
      }),
      agentEvents: outside.actor<SessionEvent>('agent'),
      startup: startupMachine.provide({
        actors: { connectRoom: jobs.connect.logic, startAgent: jobs.start.logic },
      }),
      releaseAll: jobs.release.logic,
    },
  });
  const recorded = record(machine, { ...sessionInput, ...change });
  const { actor } = recorded;
  const { leaves, streams, toRoom } = outside;
  const session = {
    ...recorded,
    outside,
    leaves,
    streams,
    toRoom,
    jobs,
    stream: outside.stream.bind(outside),
    watched: () => outside.watched(),
    context: () => actor.getSnapshot().context,
    value: () => actor.getSnapshot().value,
    children: () => Object.keys(actor.getSnapshot().children),
    /** What a source shows, as the session knows it. */
    seen: (sourceId: SourceId = SOURCE_ID) => actor.getSnapshot().context.sources[sourceId],
    /** The machine of a source, while it runs. */
    source: (sourceId: SourceId = SOURCE_ID) =>
      // The children of a machine have no specific type.
      actor.getSnapshot().children[`source:${sourceId}`] as unknown as
        | ActorRefFrom<typeof sourceMachine>
        | undefined,
    start: (model: ModelKind = 'pipeline') => actor.send({ type: 'session.start', model }),
    close: () => actor.send({ type: 'session.close' }),
    mode: (mode: SamplingMode) => actor.send({ type: 'mode.set', mode }),
    look: (lookId: number) => actor.send({ type: 'look.requested', sourceId: SOURCE_ID, lookId }),
    /** The room reports an event. */
    room: (event: TrackDiscoveryEvent) => outside.say('room', event),
    /** The agent session reports an event. */
    agent: (event: SessionEvent) => outside.say('agent', event),
    /** The avatar's participant, or the user, comes or goes. */
    presence: (event: AvatarEvent) => outside.say('presence', event),
    /** The state of the avatar's machine. */
    avatar: () =>
      (actor.getSnapshot().children.avatar?.getSnapshot() as { value?: unknown })?.value,
    /** The state of the start; `ready` if the session itself is ready. */
    startup: () => {
      const snapshot = actor.getSnapshot();
      if (snapshot.hasTag('ready')) return 'ready';
      return (snapshot.children.startup?.getSnapshot() as { value?: unknown })?.value;
    },
    sampler: (event: FrameSamplingEvent) => outside.say('sampler', event),
    /** The connection of the realtime model reports an event. */
    connection: (type: ModelLinkEvent['type']) => outside.say('connection', { type }),
    request: (requestId: number, frame: FrameRef | null = newestFrame, frameExpected = false) =>
      session.agent({
        type: 'turn.requested',
        requestId,
        requestedAt: newestFrame.receivedAt + 10,
        frame,
        frameExpected,
        needsWords: false,
      }),
    /** Types of the reports since the last call. */
    news: () => recorded.reports.splice(0).map(({ type }) => type),
  };
  return session;
}

export type SimulatedSession = ReturnType<typeof simulatedSession>;

/** A session with a connected room and a running agent; `user` is linked. */
export async function readySession(
  change: Partial<SessionInput> = {},
  model: ModelKind = 'pipeline',
): Promise<SimulatedSession> {
  const session = simulatedSession(change);
  session.start(model);
  await session.jobs.connect.done();
  await session.jobs.start.done();
  session.room({ type: 'participant.linked', identity: 'user' });
  session.news();
  return session;
}
