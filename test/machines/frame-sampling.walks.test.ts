import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventFromLogic, SnapshotFrom } from 'xstate';
import { frameSamplingMachine } from '../../src/machines/frame-sampling.machine.ts';
import type {
  FrameSamplingReport,
  PushOutcome,
  SkipReason,
} from '../../src/machines/frame-sampling.types.ts';
import { newestFrame, samplingInput } from '../support/machines/inputs.ts';
import { ofType, walks } from '../support/machines/recorded.ts';
import { begin, eventsOf, type InternalEvent, reportsIn, step } from '../support/paths.ts';

type Machine = typeof frameSamplingMachine;
type Snapshot = SnapshotFrom<Machine>;
/** A step: an event, or the end of the operation that is under way. */
type Step = EventFromLogic<Machine> | { type: 'capture' | 'push' | 'fresh'; result: number };

const { done, failed } = eventsOf(frameSamplingMachine);
const results: PushOutcome['result'][] = [
  'sent',
  'sent',
  'not-connected',
  'overtaken',
  'backpressure',
];
const stepOf: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Step>({ type: 'sample.due' }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step[]>({ type: 'user.speaking' }, { type: 'user.silent' }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ type: 'sampler.failed', error: 'it threw' }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('off' as const, 'onDemand' as const, 'sampled' as const)
      .map((mode): Step => ({ type: 'mode.set', mode })),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom('capture' as const, 'push' as const, 'fresh' as const),
        fc.nat({ max: 99 }),
      )
      .map(([type, result]): Step => ({ type, result })),
  },
);
const steps = fc.array(stepOf, { minLength: 20, maxLength: 60 });
const input = fc.record({
  mode: fc.constantFrom('off' as const, 'onDemand' as const, 'sampled' as const),
  sink: fc.constantFrom('model' as const, 'none' as const),
});

/** The event of a step in a state. An operation that is not under way cannot end. */
function eventOf(given: Step, snapshot: Snapshot): EventFromLogic<Machine> | InternalEvent | null {
  if (!('result' in given)) return given;
  const { type, result } = given;
  if (type === 'capture' && snapshot.matches({ sample: 'capturing' })) {
    if (result % 5 === 0) return failed('sample.capturing', 'a broken frame');
    return done('sample.capturing', result % 5 === 1 ? null : { frameId: result });
  }
  if (type === 'push' && snapshot.matches({ sample: 'pushing' })) {
    const answer = results[result % (results.length + 1)];
    return answer ? done('sample.pushing', { result: answer }) : failed('sample.pushing', 'broken');
  }
  if (type === 'fresh' && snapshot.matches({ sample: 'missing' })) {
    if (result % 4 === 0) return failed('sample.missing', 'the stream ended');
    return done('sample.missing', { ...newestFrame, id: result });
  }
  return null;
}

/** Runs a walk, and calls `check` after each step. */
function walk(
  change: Partial<typeof samplingInput>,
  given: readonly Step[],
  check: (snapshot: Snapshot, reports: FrameSamplingReport[]) => void,
) {
  let [snapshot] = begin(frameSamplingMachine, { ...samplingInput, ...change });
  const reports: FrameSamplingReport[] = [];
  for (const one of given) {
    const event = eventOf(one, snapshot);
    if (!event) continue;
    const [next, actions] = step(frameSamplingMachine, snapshot, event);
    snapshot = next;
    reports.push(...reportsIn<Machine>(actions));
    check(snapshot, reports);
  }
}

test('every sampled frame is sent, skipped for a reason, or under way', () => {
  fc.assert(
    fc.property(input, steps, (change, given) => {
      walk(change, given, ({ context }, reports) => {
        const skips = ofType(reports, 'sample.skipped');
        const skipped = skips.filter(({ frameId }) => frameId !== null).length;
        const underWay = context.frameId === null ? 0 : 1;
        expect(context.sampled).toBe(context.sent + skipped + underWay);
      });
    }),
    walks(35),
  );
});

test('nothing is under way and nothing is sent while video is off', () => {
  fc.assert(
    fc.property(input, steps, (change, given) => {
      let sentBefore = 0;
      walk(change, given, (snapshot) => {
        const { context, value } = snapshot;
        if (value.mode === 'off') {
          expect(value).toMatchObject({ sample: 'free' });
          expect(context).toMatchObject({ frameId: null, sent: sentBefore });
        }
        sentBefore = context.sent;
      });
    }),
    walks(35),
  );
});

test('the last reported rate is the current one', () => {
  const { speakingMs, silentMs } = samplingInput.intervals;
  fc.assert(
    fc.property(input, steps, (change, given) => {
      walk(change, given, ({ value }, reports) => {
        const told = ofType(reports, 'rate.changed').at(-1);
        if (!told) return;
        const { mode } = value;
        const rate = typeof mode === 'string' ? 'none' : mode.sampled;
        expect(told.intervalMs).toBe(
          rate === 'speaking' ? speakingMs : rate === 'idle' ? silentMs : null,
        );
      });
    }),
    walks(35),
  );
});

test('the counters match the reports', () => {
  fc.assert(
    fc.property(input, steps, (change, given) => {
      walk(change, given, ({ context }, reports) => {
        const skipped: Partial<Record<SkipReason, number>> = {};
        for (const { reason } of ofType(reports, 'sample.skipped'))
          skipped[reason] = (skipped[reason] ?? 0) + 1;
        expect(context.skipped).toEqual(skipped);
        expect(context.sent).toBe(ofType(reports, 'sample.sent').length);
        expect(context.samplerErrors).toBe(ofType(reports, 'sampler.failed').length);
      });
    }),
    walks(35),
  );
});

test('a frame is held only while it is pushed', () => {
  fc.assert(
    fc.property(input, steps, (change, given) => {
      walk(change, given, (snapshot) => {
        expect(snapshot.context.frameId !== null).toBe(snapshot.matches({ sample: 'pushing' }));
      });
    }),
    walks(35),
  );
});

test("the sampler runs only in the mode sampled, at the user's rate, for a model that takes frames", () => {
  fc.assert(
    fc.property(input, steps, (change, given) => {
      walk(change, given, (snapshot) => {
        const { mode, user } = snapshot.value;
        const rate = user === 'speaking' ? 'speaking' : 'idle';
        expect(mode).toEqual(
          snapshot.context.mode === 'sampled'
            ? { sampled: change.sink === 'model' ? rate : 'unused' }
            : snapshot.context.mode,
        );
      });
    }),
    walks(35),
  );
});
