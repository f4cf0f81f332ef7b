import { describe, expect, test } from 'vitest';
import { watchMachine } from '../../src/machines/watch.machine.ts';
import type { WatchInput } from '../../src/machines/watch.types.ts';
import { seesReason, simulatedWatch, watchInput } from '../support/machines/simulated-watch.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

const { backOff, budget, everyMs } = watchInput as WatchInput & {
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

describe('a look', () => {
  test('a look is due by the timer, counted from the end of the one before', async () => {
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

  test('a change makes a look due at once, and a change during a look leads to one more', async () => {
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

  test('a look waits for its budget', async () => {
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

  test('a look that fails or takes too long is repeated later and later, up to a limit', async () => {
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
      error: 'it did not finish within its time limit',
    });
    watch.clock.advance(backOff.maxMs);
    await watch.seen();
    await watch.no();
    expect(watch.context().failures).toBe(0);
  });
});

describe('a model', () => {
  test('looks are rarer with a model that takes 5 s, and none overlaps', async () => {
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
      // A change during the model call leads to one more look.
      await watch.seen();
      await watch.no();
    }
    const gaps = begun.slice(1).map((at, i) => at - (begun[i] ?? 0));
    expect(gaps).toEqual([5_000, 1_000, 5_000, 1_000, 5_000, 1_000, 5_000, 1_000, 5_000]);
    expect(watch.count('look.decided')).toBe(10);
    expect(watch.count('watch.failed')).toBe(0);
  });

  test('looks are rarer while a model fails, until its first answer', async () => {
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

  test('looks are rarer with a model that never answers, and none overlaps', async () => {
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

test('a watch that is stopped leaves no actor, and can be started again', async () => {
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
  // The new start does not know earlier failures.
  await watch.looks.failed('no camera');
  expect(watch.context().failures).toBe(1);
  watch.stop();
  watch.start();
  expect(watch.context().failures).toBe(0);
  watch.actor.stop();
  expect([...watch.leaves]).toEqual([]);
  expect(watch.clock.pending).toBe(0);
});
