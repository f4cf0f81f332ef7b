import { fromCallback, fromPromise } from 'xstate';
import type { FrameRef } from '../../../src/frame.ts';
import { frameSamplingMachine } from '../../../src/machines/frame-sampling.machine.ts';
import type {
  CaptureResult,
  FrameSamplingEvent,
  FrameSamplingInput,
  OfSource,
  PushOutcome,
  SamplerInput,
} from '../../../src/machines/frame-sampling.types.ts';
import type { SamplingMode, SourceId } from '../../../src/source.ts';
import { type Deferred, deferred, settled } from '../../../src/testing/simulated-clock.ts';
import { newestFrame, samplingInput } from './inputs.ts';
import { ofType, record } from './recorded.ts';

/** Sampling whose sampler, encoder, model and stream are controlled by a test. */
export function simulatedSampling(change: Partial<FrameSamplingInput> = {}) {
  /** The user's state for which each sampler was started, and for those that still run. */
  const samplers: ('speaking' | 'silent')[] = [];
  const running = new Map<number, (event: FrameSamplingEvent) => void>();
  const captures: Deferred<CaptureResult>[] = [];
  const pushes: (Deferred<PushOutcome> & { frameId: number })[] = [];
  const freshFrames: Deferred<FrameRef>[] = [];
  /** The source of whose frames each request was made. */
  const askedFor = new Set<SourceId>();
  const open = <T>(list: Deferred<T>[], { sourceId }: OfSource) => {
    askedFor.add(sourceId);
    const job = deferred<T>();
    list.push(job);
    return job.promise;
  };
  const machine = frameSamplingMachine.provide({
    actors: {
      sampler: fromCallback<FrameSamplingEvent, SamplerInput>(({ input, sendBack }) => {
        askedFor.add(input.sourceId);
        const number = samplers.push(input.user);
        running.set(number, sendBack);
        return () => running.delete(number);
      }),
      captureNewest: fromPromise(({ input }) => open(captures, input)),
      pushFrame: fromPromise(({ input }) => {
        askedFor.add(input.sourceId);
        const job = { ...deferred<PushOutcome>(), frameId: input.frameId };
        pushes.push(job);
        return job.promise;
      }),
      freshFrame: fromPromise(({ input }) => open(freshFrames, input)),
    },
  });
  const recorded = record(machine, { ...samplingInput, ...change });
  const { actor, reports } = recorded;
  const sampling = {
    ...recorded,
    samplers,
    running,
    captures,
    pushes,
    askedFor,
    context: () => actor.getSnapshot().context,
    value: () => actor.getSnapshot().value,
    mode: (mode: SamplingMode) => actor.send({ type: 'mode.set', mode }),
    speak: () => actor.send({ type: 'user.speaking' }),
    fallSilent: () => actor.send({ type: 'user.silent' }),
    /** What the running sampler sends. */
    fromSampler: (event: FrameSamplingEvent) => {
      for (const send of running.values()) send(event);
    },
    due: () => sampling.fromSampler({ type: 'sample.due', byRate: true }),
    await: () => sampling.fromSampler({ type: 'sample.awaited' }),
    captured: async (frameId: number | null) => {
      captures.at(-1)?.resolve(frameId === null ? null : { frameId });
      await settled();
    },
    notCaptured: async () => {
      captures.at(-1)?.reject(new Error('a broken frame'));
      await settled();
    },
    pushed: async (result: PushOutcome['result']) => {
      pushes.at(-1)?.resolve({ result });
      await settled();
    },
    notPushed: async () => {
      pushes.at(-1)?.reject(new Error('the socket broke'));
      await settled();
    },
    /** Answers every wait for a fresh frame with this one. */
    frameCame: async (id: number) => {
      for (const job of freshFrames) job.resolve({ ...newestFrame, id });
      await settled();
    },
    noFrameComes: async () => {
      freshFrames.at(-1)?.reject(new Error('the stream ended'));
      await settled();
    },
    /** All reports except the rates and their ticks. */
    told: () => reports.filter(({ type }) => !type.startsWith('rate.')),
    /** Times between two samples so far, in ms. */
    rates: () => ofType(reports, 'rate.changed').map(({ intervalMs }) => intervalMs),
    ticks: () => ofType(reports, 'rate.tick').length,
    skips: () => ofType(reports, 'sample.skipped').map(({ reason }) => reason),
  };
  return sampling;
}
