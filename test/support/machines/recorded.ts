import {
  type Actor,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type InputFrom,
} from 'xstate';
import { SteppedClock } from '../../../src/testing/simulated-clock.ts';

/** A started actor on a simulated clock, and all that it reported so far. */
export interface Recorded<M extends AnyStateMachine> {
  actor: Actor<M>;
  clock: SteppedClock;
  reports: EmittedFrom<M>[];
}

export function record<M extends AnyStateMachine>(
  machine: M,
  input: InputFrom<M>,
  clock = new SteppedClock(),
): Recorded<M> {
  // No generic call satisfies the options: their `input` is required for some machines only.
  const actor = createActor(machine, { input, clock } as never) as Actor<M>;
  const reports: EmittedFrom<M>[] = [];
  actor.on('*', (report) => reports.push(report));
  actor.start();
  return { actor, clock, reports };
}

/** Reports of one type, in order. */
export const ofType = <R extends { type: string }, T extends R['type']>(
  reports: readonly R[],
  type: T,
) => reports.filter((report): report is Extract<R, { type: T }> => report.type === type);

/**
 * Options of a random walk: the same one each time, so that a failure is a failure for everybody.
 * `WALK_SEED=7 npx vitest run test/machines` takes another.
 */
export const walks = (numRuns: number) => ({
  numRuns,
  seed: Number(process.env.WALK_SEED ?? 20_241_124),
});
