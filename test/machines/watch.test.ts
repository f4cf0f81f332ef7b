import { describe, expect, test } from 'vitest';
import { watchMachine } from '../../src/machines/watch.machine.ts';
import type { WatchInput } from '../../src/machines/watch.types.ts';
import { simulatedWatch, watchInput } from '../support/machines/simulated-watch.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

const { backOff, budget, coolDownMs, everyMs, floorTimeoutMs } = watchInput as WatchInput & {
  everyMs: number;
};

test('every state is entered and every transition is taken', () => {
  const { done, elapsed, failed } = eventsOf(watchMachine);
  const loop = 'watching.loop';
  const events = [
    { type: 'watch.start' },
    { type: 'watch.stop' },
    { type: 'look.due', cause: 'change' },
    { type: 'floor.taken' },
    { type: 'floor.free' },
    { type: 'budget.lookReturned' },
    { type: 'budget.actReturned' },
    elapsed('untilNextLook', `${loop}.idle.timed`),
    elapsed('untilConfirmed', 'watching.evidence.fresh'),
    done(`${loop}.looking`),
    failed(`${loop}.looking`, 'no frame'),
    elapsed('lookTimeout', `${loop}.looking`),
    done(`${loop}.deciding`, { act: true }),
    done(`${loop}.deciding`, { act: false }),
    failed(`${loop}.deciding`, 'no answer'),
    elapsed('decideTimeout', `${loop}.deciding`),
    elapsed('untilAnotherLook', `${loop}.confirming.waiting`),
    elapsed('floorTimeout', `${loop}.waitingForFloor`),
    done(`${loop}.acting`),
    failed(`${loop}.acting`, 'no voice'),
    elapsed('actTimeout', `${loop}.acting`),
    elapsed('coolDown', `${loop}.coolingDown`),
    elapsed('backOff', `${loop}.backingOff`),
  ] as const;
  const coverage = new Coverage(watchMachine);
  const inputs: Partial<WatchInput>[] = [
    {},
    { everyMs: null, floor: 'drop', budget: { looksPerMinute: 9, actsPerHour: 0 } },
    { floor: 'ignore', budget: { looksPerMinute: 1, actsPerHour: 1 } },
    { confirm: { looks: 2, of: 3, everyMs: 700, forMs: 0 } },
    { confirm: { looks: 1, of: 1, everyMs: 700, forMs: 2_000 } },
  ];
  for (const change of inputs)
    coverage.explore({
      input: { ...watchInput, ...change },
      events,
      key: ({ context: { yes, no, looksLeft, actsLeft } }) => [
        Math.min(yes, 2),
        Math.min(no, 2),
        looksLeft > 0,
        actsLeft > 0,
      ],
    });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

/** A watch that looks now and sees a reason to act. */
async function seesReason(change: Partial<WatchInput> = {}) {
  const watch = simulatedWatch({ everyMs: null, ...change });
  watch.start();
  watch.change();
  await watch.seen();
  await watch.yes();
  return watch;
}

describe('a look', () => {
  test('is due by the timer, from the end of the one before', async () => {
    const watch = simulatedWatch();
    watch.start();
    watch.clock.advance(everyMs - 1);
    expect(watch.running('look')).toBe(0);
    watch.clock.advance(1);
    expect(watch.running('look')).toBe(1);
    await watch.seen();
    await watch.clock.advanceSettling(3_000);
    await watch.no();
    watch.clock.advance(everyMs - 1);
    expect(watch.count('look.begun')).toBe(1);
    watch.clock.advance(1);
    expect(watch.count('look.begun')).toBe(2);
  });

  test('is due at once by a change, and one that comes meanwhile is kept for one more', async () => {
    const watch = simulatedWatch({ everyMs: null });
    watch.start();
    watch.change();
    expect(watch.running('look')).toBe(1);
    watch.change();
    watch.change();
    await watch.seen();
    await watch.no();
    expect(watch.count('look.begun')).toBe(2);
    await watch.seen();
    await watch.no();
    expect(watch.is('untimed')).toBe(true);
    expect(watch.count('look.begun')).toBe(2);
  });

  test('waits for its budget', async () => {
    const watch = simulatedWatch({ everyMs: null });
    watch.start();
    for (let i = 0; i < budget.looksPerMinute; i++) {
      watch.change();
      await watch.seen();
      await watch.no();
    }
    watch.change();
    expect(watch.is('due')).toBe(true);
    watch.clock.advance(59_999);
    expect(watch.running('look')).toBe(0);
    watch.clock.advance(1);
    expect(watch.running('look')).toBe(1);
  });

  test('that fails, or takes too long, comes again later and later, to a limit', async () => {
    const watch = simulatedWatch({ everyMs: null, budget: { looksPerMinute: 99, actsPerHour: 1 } });
    watch.start();
    watch.change();
    for (const waitMs of [1_100, 2_200, 4_400, 8_000, 8_000]) {
      await watch.looks.failed('no camera');
      watch.clock.advance(waitMs - 1);
      expect(watch.running('look')).toBe(0);
      watch.clock.advance(1);
      expect(watch.running('look')).toBe(1);
    }
    watch.clock.advance(watchInput.lookTimeoutMs);
    expect(watch.running('look')).toBe(0);
    expect(watch.reports.at(-1)).toMatchObject({
      type: 'watch.failed',
      step: 'look',
      error: 'it took longer than its limit',
    });
    watch.clock.advance(backOff.maxMs);
    await watch.seen();
    await watch.no();
    expect(watch.context().failures).toBe(0);
  });
});

describe('a model', () => {
  test('that takes 5 s makes looks rarer, and none overlaps', async () => {
    const watch = simulatedWatch({
      everyMs: 1_000,
      decideTimeoutMs: 8_000,
      budget: { looksPerMinute: 60, actsPerHour: 1 },
    });
    watch.start();
    const begun: number[] = [];
    watch.actor.on('look.begun', () => begun.push(watch.clock.now()));
    for (let look = 0; look < 5; look++) {
      await watch.clock.advanceSettling(1_000);
      await watch.seen();
      watch.change();
      await watch.clock.advanceSettling(5_000);
      expect(watch.running('look') + watch.running('decide')).toBe(1);
      await watch.no();
      // What happened while it was asked is looked at next, once.
      await watch.seen();
      await watch.no();
    }
    const gaps = begun.slice(1).map((at, i) => at - (begun[i] ?? 0));
    expect(gaps).toEqual([5_000, 1_000, 5_000, 1_000, 5_000, 1_000, 5_000, 1_000, 5_000]);
    expect(watch.count('look.decided')).toBe(10);
    expect(watch.count('watch.failed')).toBe(0);
  });

  test('that fails makes looks rarer, and the first answer ends that', async () => {
    const watch = simulatedWatch({ everyMs: null });
    watch.start();
    watch.change();
    for (const waitMs of [1_100, 2_200, 4_400]) {
      await watch.seen();
      await watch.decisions.failed('no answer');
      watch.clock.advance(waitMs - 1);
      expect(watch.running('look')).toBe(0);
      watch.clock.advance(1);
      expect(watch.running('look')).toBe(1);
    }
    await watch.seen();
    await watch.no();
    watch.change();
    await watch.seen();
    await watch.decisions.failed('no answer');
    watch.clock.advance(1_100);
    expect(watch.running('look')).toBe(1);
    expect(watch.reports.filter(({ type }) => type === 'watch.failed')).toHaveLength(4);
  });

  test('that never answers makes looks rarer, and none overlaps', async () => {
    const watch = simulatedWatch({
      everyMs: 1_000,
      budget: { looksPerMinute: 60, actsPerHour: 1 },
    });
    watch.start();
    for (let second = 0; second < 120; second++) {
      await watch.clock.advanceSettling(1_000);
      await watch.seen();
      expect(watch.running('look') + watch.running('decide')).toBeLessThanOrEqual(1);
    }
    // 4 s of waiting and up to 8 s of back-off each.
    expect(watch.count('look.begun')).toBeLessThanOrEqual(15);
    expect(watch.count('look.begun')).toBeGreaterThanOrEqual(9);
    expect(watch.count('watch.failed')).toBeGreaterThanOrEqual(8);
  });
});

describe('a reason to act', () => {
  test('is acted on once, and the watch cools down', async () => {
    const watch = await seesReason();
    expect(watch.running('act')).toBe(1);
    await watch.acted();
    watch.change();
    watch.clock.advance(coolDownMs - 1);
    expect(watch.running('look')).toBe(0);
    watch.clock.advance(1);
    // What happened meanwhile is looked at.
    expect(watch.running('look')).toBe(1);
    expect(watch.count('act.done')).toBe(1);
  });

  test('waits until nobody speaks', async () => {
    const watch = simulatedWatch({ everyMs: null });
    watch.start();
    watch.speak();
    watch.change();
    await watch.seen();
    await watch.yes();
    expect(watch.is('waitingForFloor')).toBe(true);
    watch.clock.advance(floorTimeoutMs - 1);
    watch.fallSilent();
    expect(watch.running('act')).toBe(1);
  });

  test('is dropped where somebody speaks for too long', async () => {
    const watch = simulatedWatch({ everyMs: null });
    watch.start();
    watch.speak();
    watch.change();
    await watch.seen();
    await watch.yes();
    watch.clock.advance(floorTimeoutMs);
    expect(watch.reports.at(-1)).toMatchObject({ type: 'act.dropped', reason: 'floor' });
    expect(watch.is('coolingDown')).toBe(true);
  });

  test('is dropped, or acted on, at once by policy', async () => {
    for (const floor of ['drop', 'ignore'] as const) {
      const watch = simulatedWatch({ everyMs: null, floor });
      watch.start();
      watch.speak();
      watch.change();
      await watch.seen();
      await watch.yes();
      expect([watch.count('act.dropped'), watch.count('act.begun')]).toEqual(
        floor === 'drop' ? [1, 0] : [0, 1],
      );
    }
  });

  test('needs as many looks as it has to', async () => {
    const watch = await seesReason({ confirm: { looks: 2, of: 3, everyMs: 700, forMs: 0 } });
    expect(watch.is('waiting')).toBe(true);
    watch.clock.advance(700);
    await watch.seen();
    await watch.no();
    expect(watch.is('waiting')).toBe(true);
    watch.clock.advance(700);
    await watch.seen();
    await watch.yes();
    expect(watch.running('act')).toBe(1);
  });

  test('is none where too many looks say no', async () => {
    const watch = await seesReason({ confirm: { looks: 2, of: 3, everyMs: 700, forMs: 0 } });
    for (let i = 0; i < 2; i++) {
      watch.clock.advance(700);
      await watch.seen();
      await watch.no();
    }
    expect(watch.is('idle')).toBe(true);
    expect(watch.context()).toMatchObject({ yes: 0, no: 0 });
    expect(watch.count('act.begun')).toBe(0);
  });

  test('has to last where it is told so, and one no ends it', async () => {
    const confirm = { looks: 1, of: 1, everyMs: 700, forMs: 2_000 };
    const lasting = await seesReason({ confirm });
    for (let i = 0; i < 3; i++) {
      expect(lasting.running('act')).toBe(0);
      await lasting.clock.advanceSettling(700);
      await lasting.seen();
      await lasting.yes();
    }
    expect(lasting.running('act')).toBe(1);
    const passing = await seesReason({ confirm });
    await passing.clock.advanceSettling(700);
    await passing.seen();
    await passing.no();
    expect(passing.is('idle')).toBe(true);
    // The next one begins anew.
    passing.change();
    await passing.seen();
    await passing.yes();
    expect(passing.running('act')).toBe(0);
  });

  test('is dropped where the budget of the hour is spent, until an hour is over', async () => {
    const watch = await seesReason({ coolDownMs: 0 });
    for (let i = 0; i < budget.actsPerHour; i++) {
      await watch.acted();
      await watch.clock.advanceSettling(60_000);
      watch.change();
      await watch.seen();
      await watch.yes();
    }
    expect(watch.count('act.begun')).toBe(budget.actsPerHour);
    expect(watch.reports.at(-1)).toMatchObject({ type: 'act.dropped', reason: 'budget' });
    await watch.clock.advanceSettling(3_600_000);
    watch.change();
    await watch.seen();
    await watch.yes();
    expect(watch.count('act.begun')).toBe(budget.actsPerHour + 1);
  });
});

describe('evidence', () => {
  const confirm = { looks: 1, of: 1, everyMs: 700, forMs: 2_000 };

  /** One look that sees a reason, some time later. */
  async function yesAfter(watch: ReturnType<typeof simulatedWatch>, ms: number) {
    await watch.clock.advanceSettling(ms);
    watch.change();
    await watch.seen();
    await watch.yes();
  }

  test('that was denied does not age on, nor does what was acted on', async () => {
    const watch = await seesReason({ confirm });
    await watch.clock.advanceSettling(700);
    await watch.seen();
    await watch.no();
    // Fresh when it ended.
    await yesAfter(watch, 3_000);
    expect(watch.running('act')).toBe(0);
    for (let look = 0; look < 3; look++) {
      await watch.clock.advanceSettling(700);
      await watch.seen();
      await watch.yes();
    }
    await watch.acted();
    // Ripe when it ended.
    await yesAfter(watch, coolDownMs + 3_000);
    expect(watch.running('act')).toBe(0);
    expect(watch.count('act.done')).toBe(1);
  });

  test('is none any more after a look that failed', async () => {
    for (const kind of [confirm, { ...confirm, looks: 2, of: 3, forMs: 0 }]) {
      const watch = await seesReason({ confirm: kind });
      await watch.clock.advanceSettling(700);
      await watch.looks.failed('no camera');
      await watch.clock.advanceSettling(backOff.baseMs + 1_000);
      await watch.seen();
      await watch.yes();
      expect(watch.running('act')).toBe(0);
      expect(watch.context()).toMatchObject({ yes: 1, no: 0 });
    }
  });
});

describe('an act', () => {
  test('is followed by no look of its own', async () => {
    const watch = await seesReason();
    await watch.acted();
    watch.clock.advance(coolDownMs);
    expect(watch.is('untimed')).toBe(true);
    expect(watch.count('look.begun')).toBe(1);
  });

  test('that fails, or takes too long, is told, and the next one comes later and later', async () => {
    const watch = await seesReason({
      coolDownMs: 500,
      budget: { looksPerMinute: 9, actsPerHour: 9 },
    });
    const again = async () => {
      watch.change();
      await watch.seen();
      await watch.yes();
    };
    for (const [fails, restMs] of [
      [() => watch.acts.failed('no voice'), 1_100],
      [() => watch.clock.advance(watchInput.actTimeoutMs), 2_200],
      [() => watch.acts.failed('no voice'), 4_400],
    ] as const) {
      await fails();
      expect(watch.reports.at(-1)).toMatchObject({ type: 'watch.failed', step: 'act' });
      expect(watch.is('coolingDown')).toBe(true);
      watch.change();
      watch.clock.advance(restMs - 1);
      expect(watch.running('look')).toBe(0);
      watch.clock.advance(1);
      await again();
      expect(watch.running('act')).toBe(1);
    }
    await watch.acted();
    watch.change();
    watch.clock.advance(500);
    expect(watch.running('look')).toBe(1);
    // Looks did not fail.
    expect(watch.context()).toMatchObject({ failures: 0, actFailures: 0 });
  });

  test('is done at once where the floor is free, by each policy', async () => {
    for (const floor of ['wait', 'drop', 'ignore'] as const) {
      const watch = await seesReason({ floor });
      expect(watch.running('act')).toBe(1);
    }
  });

  test('that is dropped for the floor is followed by the time to cool down', async () => {
    const watch = simulatedWatch({ everyMs: null, floor: 'drop' });
    watch.start();
    watch.speak();
    watch.change();
    await watch.seen();
    await watch.yes();
    expect(watch.is('coolingDown')).toBe(true);
    watch.change();
    watch.clock.advance(coolDownMs - 1);
    expect(watch.running('look')).toBe(0);
    watch.clock.advance(1);
    expect(watch.running('look')).toBe(1);
  });

  test('needs its budget by each way to it', async () => {
    const spent = { looksPerMinute: 9, actsPerHour: 0 };
    const ignoring = await seesReason({ floor: 'ignore', budget: spent });
    expect(ignoring.reports.at(-1)).toMatchObject({ type: 'act.dropped', reason: 'budget' });
    const waiting = simulatedWatch({ everyMs: null, budget: spent });
    waiting.start();
    waiting.speak();
    waiting.change();
    await waiting.seen();
    await waiting.yes();
    waiting.fallSilent();
    expect(waiting.reports.at(-1)).toMatchObject({ type: 'act.dropped', reason: 'budget' });
    expect([ignoring.count('act.begun'), waiting.count('act.begun')]).toEqual([0, 0]);
  });

  test('that was confirmed over time keeps to the policy of the floor', async () => {
    const confirm = { looks: 1, of: 1, everyMs: 700, forMs: 600 };
    const watch = simulatedWatch({ everyMs: null, floor: 'drop', confirm });
    watch.start();
    watch.speak();
    watch.change();
    await watch.seen();
    await watch.yes();
    await watch.clock.advanceSettling(700);
    await watch.seen();
    await watch.yes();
    expect(watch.reports.at(-1)).toMatchObject({ type: 'act.dropped', reason: 'floor' });
  });
});

test('a watch that is stopped leaves no actor, and starts again', async () => {
  const watch = await seesReason();
  expect([...watch.leaves].sort()).toEqual(['act 1', 'floor', 'triggers']);
  watch.stop();
  watch.stop();
  expect([...watch.leaves]).toEqual([]);
  expect(watch.told().at(-1)).toBe('watch.stopped');
  watch.start();
  watch.start();
  expect(watch.told().filter((type) => type === 'watch.started')).toHaveLength(2);
  watch.change();
  expect(watch.running('look')).toBe(1);
  // Another beginning knows nothing of what failed before.
  await watch.looks.failed('no camera');
  expect(watch.context().failures).toBe(1);
  watch.stop();
  watch.start();
  expect(watch.context().failures).toBe(0);
  watch.actor.stop();
  expect([...watch.leaves]).toEqual([]);
  expect(watch.clock.pending).toBe(0);
});
