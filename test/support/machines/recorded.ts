import { type Actor, type AnyStateMachine, createActor, type EventObject } from 'xstate';
import { SteppedClock } from '../../../src/testing/simulated-clock.ts';
import { inputOf, listeningParent, type ReportFrom, type SettingsFrom } from './parent.ts';

/** A started actor on a simulated clock, and all its reports so far. */
export interface Recorded<M extends AnyStateMachine> {
  actor: Actor<M>;
  clock: SteppedClock;
  /** To its parent, or by `emit` if it has none. */
  reports: ReportFrom<M>[];
  /** Calls the handler with each report of the type from now on, at the moment it comes. */
  onReport<T extends ReportFrom<M>['type']>(
    type: T,
    handler: (report: Extract<ReportFrom<M>, { type: T }>) => void,
  ): void;
}

export function record<M extends AnyStateMachine>(
  machine: M,
  settings: SettingsFrom<M>,
  clock = new SteppedClock(),
): Recorded<M> {
  const reports: ReportFrom<M>[] = [];
  const handlers: ((report: EventObject) => void)[] = [];
  const hear = (report: EventObject) => {
    reports.push(report as ReportFrom<M>);
    for (const handler of handlers) handler(report);
  };
  const input = inputOf(machine, settings, listeningParent(hear));
  // No generic call satisfies the options: some machines require `input`, others do not take one.
  const actor = createActor(machine, { input, clock } as never) as Actor<M>;
  actor.on('*', hear);
  actor.start();
  return {
    actor,
    clock,
    reports,
    onReport: (type, handler) => {
      handlers.push((report) => {
        if (report.type === type) handler(report as Parameters<typeof handler>[0]);
      });
    },
  };
}

/** Reports of one type, in order. */
export const ofType = <R extends { type: string }, T extends R['type']>(
  reports: readonly R[],
  type: T,
) => reports.filter((report): report is Extract<R, { type: T }> => report.type === type);

/**
 * Options of a random walk. The seed is fixed, so a failure is reproducible on every machine.
 * `WALK_SEED=7 npx vitest run test/machines` uses another one.
 */
export const walks = (numRuns: number) => ({
  numRuns,
  seed: Number(process.env.WALK_SEED ?? 20_241_124),
});
