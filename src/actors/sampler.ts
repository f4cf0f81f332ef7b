import { fromCallback } from 'xstate';
import type { FrameRef } from '../frame.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { FrameSamplingEvent, SamplerInput } from '../machines/frame-sampling.types.ts';
import type { FrameBudget } from '../sampling/frame-budget.ts';
import { type SampleContext, type Sampler, voiceActivitySampler } from '../sampling/samplers.ts';
import type { SourceId } from '../source.ts';

export interface SamplerDeps {
  gate: FrameGate;
  sampler: Sampler;
  agentState(): SampleContext['agent'];
  budget: FrameBudget;
}

/** A voice that flickers must not bring more frames than this apart, in ms. */
const AT_ONCE_MS = 100;

/** Longest wait that a timer takes, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Says when a sample is due. A rate is kept by a clock without drift: due times are a grid that
 * begins with the first sample. A new rate begins at once when it is the faster one, since a user
 * who starts to speak must be seen. Any other sampler is asked about each frame.
 */
export function sampler(deps: SamplerDeps) {
  /** By source. They outlive the actor, which is a new one when the user speaks or stops. */
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
      return deps.gate.onFrame(sourceId, (frame) => {
        const context: SampleContext = {
          now: frame.receivedAt,
          source: frame.source,
          width: frame.width,
          height: frame.height,
          user,
          agent: deps.agentState(),
          luma: (width, height) => deps.gate.luma(sourceId, width, height),
          sinceLastMs: clock.lastTaken ? frame.receivedAt - clock.lastTaken.receivedAt : null,
        };
        let wanted: boolean;
        try {
          wanted = deps.sampler(context);
        } catch (error) {
          send({ type: 'sampler.failed', error: String(error) });
          wanted = standIn(context);
        }
        if (!wanted || deps.budget.stretch(0, user) > 0) return;
        clock.lastTaken = frame;
        send({ type: 'sample.due' });
      });
    },
  );
}

interface Clock {
  /** When the last sample was due, by the process's clock. */
  lastDueAt: number;
  /** The last frame that a custom sampler took. */
  lastTaken?: FrameRef;
}

interface Rate {
  clock: Clock;
  startsNow: boolean;
  intervalMs: number;
  /** Until the budget allows another frame. Asked when a sample is due: the one before is sent. */
  waitMs(): number;
  onDue(): void;
}

/** Calls `onDue` at each point of the grid. Returns the way to stop it. */
function keepRate({ clock, startsNow, intervalMs, waitMs, onDue }: Rate): () => void {
  let timer: NodeJS.Timeout | undefined;
  const schedule = (afterMs: number) => {
    if (!Number.isFinite(afterMs)) return;
    // A grid point that was missed is due now, and starts a new grid.
    at(Math.max(performance.now(), clock.lastDueAt + afterMs));
  };
  const at = (dueAt: number) => {
    const delayMs = Math.min(MAX_TIMER_MS, dueAt - performance.now());
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
