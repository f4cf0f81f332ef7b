import { type EventObject, fromCallback, fromPromise, type NonReducibleUnknown } from 'xstate';
import { frameSamplingMachine } from '../../src/machines/frame-sampling.machine.ts';
import type { CaptureResult, PushOutcome } from '../../src/machines/frame-sampling.types.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import type {
  ModelKind,
  SessionEvent,
  SessionInput,
  StreamReport,
} from '../../src/machines/session.types.ts';
import { streamReplacementMachine } from '../../src/machines/stream-replacement.machine.ts';
import { trackDiscoveryMachine } from '../../src/machines/track-discovery.machine.ts';
import type { TrackDiscoveryReport, TrackPick } from '../../src/machines/track-discovery.types.ts';
import { turnCompletionMachine } from '../../src/machines/turn-completion.machine.ts';
import type { FrameRef } from '../../src/machines/turn-completion.types.ts';
import { type Deferred, deferred, settled } from '../support/simulated-clock.ts';
import { newestFrame, sessionInput } from './inputs.ts';
import { record } from './recorded.ts';

/** A stream actor that runs, and what it was told. */
interface Stream {
  pick: TrackPick;
  told: string[];
  report: (type: StreamReport['type']) => void;
}

/** Jobs of one kind, the newest last: each is a promise that the test settles. */
class Jobs<T, Input extends NonReducibleUnknown = NonReducibleUnknown> {
  readonly all: Deferred<T>[] = [];
  readonly #leaves: Set<string>;
  readonly #name: string;

  constructor(name: string, leaves: Set<string>) {
    this.#name = name;
    this.#leaves = leaves;
  }

  get logic() {
    return fromPromise<T, Input>(({ signal }) => {
      const job = deferred<T>();
      const leaf = `${this.#name} ${this.all.push(job)}`;
      this.#leaves.add(leaf);
      const over = () => this.#leaves.delete(leaf);
      signal.addEventListener('abort', over);
      job.promise.then(over, over);
      return job.promise;
    });
  }

  async done(value: T) {
    this.all.at(-1)?.resolve(value);
    await settled();
  }

  async failed(message: string) {
    this.all.at(-1)?.reject(new Error(message));
    await settled();
  }
}

/** A session of real machines, whose room, agent, streams, encoder and model a test plays. */
export function simulatedSession(change: Partial<SessionInput> = {}) {
  /** Leaf actors that run: what touches the outer world. */
  const leaves = new Set<string>();
  const streams = new Map<number, Stream>();
  const toRoom: EventObject[] = [];
  const fromOutside = new Map<string, (event: SessionEvent) => void>();
  const jobs = {
    connect: new Jobs<void>('connect', leaves),
    start: new Jobs<void>('start', leaves),
    release: new Jobs<void>('release', leaves),
    encode: new Jobs<FrameRef, { frameId: number; requestId: number }>('encode', leaves),
    firstFrame: new Jobs<FrameRef>('first frame', leaves),
    freshFrame: new Jobs<FrameRef>('fresh frame', leaves),
    capture: new Jobs<CaptureResult>('capture', leaves),
    push: new Jobs<PushOutcome, { frameId: number }>('push', leaves),
  };
  /** Events of `name`, and the end of them when it is stopped. */
  const outside = (name: string, sendBack: (event: SessionEvent) => void) => {
    leaves.add(name);
    fromOutside.set(name, sendBack);
    return () => {
      leaves.delete(name);
      fromOutside.delete(name);
    };
  };
  const machine = sessionMachine.provide({
    actors: {
      trackDiscovery: trackDiscoveryMachine,
      streamReplacement: streamReplacementMachine,
      frameSampling: frameSamplingMachine.provide({
        actors: {
          sampler: fromCallback(({ sendBack }) => outside('sampler', sendBack)),
          captureNewest: jobs.capture.logic,
          pushFrame: jobs.push.logic,
          freshFrame: jobs.freshFrame.logic,
        },
      }),
      turnCompletion: turnCompletionMachine.provide({
        actors: { firstFrame: jobs.firstFrame.logic, encodePicture: jobs.encode.logic },
      }),
      roomEvents: fromCallback<TrackDiscoveryReport>(({ sendBack, receive }) => {
        receive((event) => toRoom.push(event));
        return outside('room', sendBack);
      }),
      agentEvents: fromCallback<SessionEvent>(({ sendBack }) => outside('agent', sendBack)),
      videoStream: fromCallback<{ type: 'stream.close' }, { streamId: number; pick: TrackPick }>(
        ({ input: { streamId, pick }, sendBack, receive }) => {
          const told: string[] = [];
          receive(({ type }) => told.push(type));
          const report = (type: StreamReport['type']) =>
            sendBack({ type, streamId, error: 'refused' });
          streams.set(streamId, { pick, told, report });
          leaves.add(`stream ${streamId}`);
          return () => {
            streams.delete(streamId);
            leaves.delete(`stream ${streamId}`);
          };
        },
      ),
      connectRoom: jobs.connect.logic,
      startAgent: jobs.start.logic,
      releaseAll: jobs.release.logic,
    },
  });
  const recorded = record(machine, { ...sessionInput, ...change });
  const { actor } = recorded;
  const session = {
    ...recorded,
    leaves,
    streams,
    toRoom,
    jobs,
    context: () => actor.getSnapshot().context,
    value: () => actor.getSnapshot().value,
    children: () => Object.keys(actor.getSnapshot().children),
    start: (model: ModelKind = 'pipeline') => actor.send({ type: 'session.start', model }),
    close: () => actor.send({ type: 'session.close' }),
    /** The room tells something. */
    room: (event: SessionEvent) => fromOutside.get('room')?.(event),
    /** The agent session tells something. */
    agent: (event: SessionEvent) => fromOutside.get('agent')?.(event),
    sampler: (event: SessionEvent) => fromOutside.get('sampler')?.(event),
    /** The only stream that runs tells something. */
    stream: (...types: StreamReport['type'][]) => {
      const [only, ...others] = [...streams.values()];
      if (!only || others.length > 0) throw new Error(`${streams.size} streams run`);
      for (const type of types) only.report(type);
    },
    request: (requestId: number, frame: FrameRef | null = newestFrame, frameExpected = false) =>
      session.agent({
        type: 'turn.requested',
        requestId,
        requestedAt: newestFrame.receivedAt + 10,
        frame,
        frameExpected,
      }),
    /** Types of the reports since the last call. */
    news: () => recorded.reports.splice(0).map(({ type }) => type),
  };
  return session;
}

export type SimulatedSession = ReturnType<typeof simulatedSession>;

/** A session whose room is connected and whose agent runs, with `user` linked. */
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
