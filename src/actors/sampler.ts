import { fromCallback } from 'xstate';
import type { FrameRef } from '../frame.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { FrameSamplingEvent, SamplerInput } from '../machines/frame-sampling.types.ts';
import type { FrameBudget } from '../sampling/frame-budget.ts';
import type { SampleContext, Sampler } from '../sampling/sampler.ts';
import { voiceActivitySampler } from '../sampling/samplers.ts';
import type { SourceId } from '../source.ts';
import { textOf } from '../thrown.ts';
import type { SentFrame } from './frame-captures.ts';

export interface SamplerDeps {
  gate: FrameGate;
  sampler: Sampler;
  agentState(): SampleContext['agent'];
  /** The frame of this source that the model's connection got last. */
  lastSent(sourceId: SourceId): SentFrame | undefined;
  budget: FrameBudget;
}

/** Shortest time between frames when voice activity flickers, in ms. */
const AT_ONCE_MS = 100;

/**
 * A still source sends no frames. If the sampler did not take its newest one, it is called again at
 * this interval, in ms, because the user may have started to speak.
 */
const ASK_AGAIN_MS = 500;

/** Longest delay of a timer, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Reports when a sample is due. A rate is kept without drift: due times form a grid from the first
 * sample. A faster rate starts at once, because a user who starts to speak must be seen. A sampler
 * without a rate is called for each frame.
 */
export function sampler(deps: SamplerDeps) {
  /**
   * Clocks by source. They outlive the actor, which is replaced when the user starts or stops
   * speaking.
   */
  const clocks = new Map<SourceId, Clock>();

  return fromCallback<FrameSamplingEvent, SamplerInput>(
    ({ sendBack, input: { sourceId, user } }) => {
      const clock = clocks.get(sourceId) ?? { lastDueAt: Number.NEGATIVE_INFINITY };
      clocks.set(sourceId, clock);
      const send = (event: FrameSamplingEvent) => sendBack(event);
      const { intervals } = deps.sampler;
      if (intervals)
        return keepRate({
          clock,
          startsNow: user === 'speaking',
          intervalMs: intervals[user],
          waitMs: () => deps.budget.stretch(0, user),
          onDue: () => send({ type: 'sample.due', byRate: true }),
        });

      const standIn = voiceActivitySampler();
      const decide = (frame: FrameRef) => {
        const now = Date.now();
        const sent = deps.lastSent(sourceId);
        const since = (at: number | undefined) => (at === undefined ? null : now - at);
        const context: SampleContext = {
          now,
          source: frame.source,
          sourceId,
          width: frame.width,
          height: frame.height,
          user,
          agent: deps.agentState(),
          luma: (width, height) => deps.gate.luma(sourceId, width, height),
          sinceLastMs: since(clock.takenAt),
          sinceSentMs: since(sent?.at),
          sentLuma: sent?.luma,
        };
        let wanted: boolean;
        try {
          wanted = answerOf(deps.sampler(context));
        } catch (error) {
          send({ type: 'sampler.failed', error: textOf(error) });
          wanted = standIn(context);
        }
        if (!wanted || deps.budget.stretch(0, user) > 0) return;
        clock.takenAt = now;
        clock.takenId = frame.id;
        send({ type: 'sample.due' });
      };
      const stopFrames = deps.gate.onFrame(sourceId, decide);
      const again = setInterval(() => {
        const newest = deps.gate.newest(sourceId);
        const isStill = newest && Date.now() - newest.receivedAt >= ASK_AGAIN_MS;
        if (isStill && newest.id !== clock.takenId) decide(newest);
      }, ASK_AGAIN_MS);
      return () => {
        stopFrames();
        clearInterval(again);
      };
    },
  );
}

/** @throws TypeError for a sampler that is an async function: its promise would count as yes. */
function answerOf(answer: unknown): boolean {
  if (answer instanceof Promise)
    throw new TypeError('the sampler returned a promise: it has to decide at once, with a boolean');
  return Boolean(answer);
}

interface Clock {
  /** When the last sample was due, in ms of `performance.now()`. */
  lastDueAt: number;
  /** When a sampler without a rate last took a frame, in ms since the epoch, and which frame. */
  takenAt?: number;
  takenId?: number;
}

interface Rate {
  clock: Clock;
  startsNow: boolean;
  intervalMs: number;
  /**
   * Time until the budget allows another frame. Called when a sample is due, after the previous one
   * was sent.
   */
  waitMs(): number;
  onDue(): void;
}

/** Calls `onDue` at each point of the grid. Returns a function that stops it. */
function keepRate({ clock, startsNow, intervalMs, waitMs, onDue }: Rate): () => void {
  let timer: NodeJS.Timeout | undefined;
  const schedule = (afterMs: number) => {
    if (!Number.isFinite(afterMs)) return;
    // A missed grid point is due now, and starts a new grid.
    at(Math.max(performance.now(), clock.lastDueAt + afterMs));
  };
  const at = (dueAt: number) => {
    // What is due now is past at the next reading of the clock, and Node.js 24 warns of such a delay.
    const delayMs = Math.min(MAX_TIMER_MS, Math.max(0, dueAt - performance.now()));
    timer = setTimeout(() => {
      const waiting = waitMs();
      if (waiting > 0) return at(performance.now() + waiting);
      clock.lastDueAt = dueAt;
      onDue();
      schedule(intervalMs);
    }, delayMs);
  };
  schedule(startsNow && Number.isFinite(intervalMs) ? AT_ONCE_MS : intervalMs);
  return () => clearTimeout(timer);
}
