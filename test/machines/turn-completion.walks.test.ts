import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromPromise } from 'xstate';
import type { FrameRef } from '../../src/frame.ts';
import { turnCompletionMachine } from '../../src/machines/turn-completion.machine.ts';
import type { TurnOutcome } from '../../src/machines/turn-completion.types.ts';
import { SteppedClock } from '../../src/testing/simulated-clock.ts';
import { newestFrame, turnInput } from '../support/machines/inputs.ts';
import { ofType, record, walks } from '../support/machines/recorded.ts';

/**
 * What the world does during one turn. Its times are odd and the machine's even, so no two
 * coincide.
 */
interface World {
  age: number | null;
  frameExpected: boolean;
  firstFrame: { afterMs: number; fails: boolean };
  encode: { afterMs: number; fails: boolean };
  /** `null` for a model that takes pictures. */
  describe: { afterMs: number; fails: boolean; hasWords: boolean } | null;
  commits: { afterMs: number; requestId: number }[];
}

const odd = (max: number) => fc.nat({ max }).map((n) => 2 * n + 1);
const work = fc.record({ afterMs: odd(500), fails: fc.boolean() });
const world: fc.Arbitrary<World> = fc.record({
  age: fc.option(fc.nat({ max: 2 * turnInput.maxFrameAgeMs })),
  frameExpected: fc.boolean(),
  firstFrame: work,
  encode: work,
  describe: fc.option(
    fc.record({ afterMs: odd(5_000), fails: fc.boolean(), hasWords: fc.boolean() }),
  ),
  commits: fc.array(fc.record({ afterMs: odd(6_000), requestId: fc.integer({ min: 2, max: 4 }) }), {
    maxLength: 3,
  }),
});

/** The expected result of the turn, computed from the world alone. */
function expected({ age, frameExpected, firstFrame, encode, describe }: World) {
  const budget = turnInput.attachBudgetMs;
  const at = (outcome: TurnOutcome, ms: number) => ({ outcome, ms: Math.min(ms, budget) });
  const encoded = (from: number) => {
    if (from > budget) return at('nothing-to-attach', budget);
    if (from + encode.afterMs > budget) return at('over-budget', budget);
    const ms = from + encode.afterMs;
    if (encode.fails || !describe) return at(encode.fails ? 'encode-failed' : 'attached', ms);
    const words = describe.hasWords ? 'attached' : 'nothing-to-attach';
    const outcome: TurnOutcome = describe.fails ? 'not-described' : words;
    return { outcome, ms: ms + describe.afterMs };
  };
  if (age !== null) return age <= turnInput.maxFrameAgeMs ? encoded(0) : at('too-old', 0);
  if (!frameExpected) return at('nothing-to-attach', 0);
  return firstFrame.fails
    ? at('nothing-to-attach', firstFrame.afterMs)
    : encoded(firstFrame.afterMs);
}

async function run({ age, frameExpected, firstFrame, encode, describe, commits }: World) {
  const clock = new SteppedClock();
  const frame = { ...newestFrame, receivedAt: turnInput.requestedAt - (age ?? 0) };
  const after = <T>(job: World['encode'], value: T) =>
    new Promise<T>((resolve, reject) => {
      const settle = () => (job.fails ? reject(new Error('it failed')) : resolve(value));
      clock.setTimeout(settle, job.afterMs);
    });
  const machine = turnCompletionMachine.provide({
    actors: {
      firstFrame: fromPromise(() => after(firstFrame, frame)),
      encodePicture: fromPromise<FrameRef | null, { frameId: number; requestId: number }>(() =>
        after(encode, frame),
      ),
      describePictures: fromPromise<boolean, { requestId: number }>(() =>
        describe ? after(describe, describe.hasWords) : Promise.reject(new Error('not asked')),
      ),
    },
  });
  const input = {
    ...turnInput,
    frame: age === null ? null : frame,
    frameExpected,
    needsWords: describe !== null,
  };
  const turn = record(machine, input, clock);
  const answeredAt = turn.reports.length > 0 ? [0] : [];
  turn.onReport('turn.ready', () => answeredAt.push(clock.now()));
  const heard: number[] = [];
  for (const { afterMs, requestId } of commits) {
    clock.setTimeout(() => {
      if (turn.actor.getSnapshot().status !== 'active') return;
      if (turn.actor.getSnapshot().matches('attached')) heard.push(requestId);
      turn.actor.send({ type: 'turn.committed', requestId });
    }, afterMs);
  }
  await clock.advanceSettling(20_000);
  return { ...turn, answeredAt, heard };
}

test('the model gets exactly one correct answer within the budget, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const { answeredAt, reports } = await run(given);
      const { outcome, ms } = expected(given);
      expect(ofType(reports, 'turn.ready').map((answer) => answer.outcome)).toEqual([outcome]);
      expect(answeredAt).toEqual([ms]);
    }),
    walks(150),
  );
});

test('an attached frame is cleared or returned once, and no other frame is', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const { actor, heard, reports } = await run(given);
      const decision = heard.find((requestId) => requestId >= turnInput.requestId);
      const end = decision === turnInput.requestId ? 'turn.cleared' : 'turn.discarded';
      const attached = expected(given).outcome === 'attached';
      expect(reports.slice(1).map(({ type }) => type)).toEqual(attached ? [end] : []);
      expect(actor.getSnapshot().status).toBe('done');
    }),
    walks(150),
  );
});
