import { describe, expect, test } from 'vitest';
import { seesReason, simulatedWatch, watchInput } from '../support/machines/simulated-watch.ts';

const { backOff, budget, coolDownMs, floorTimeoutMs } = watchInput;

describe('a reason to act', () => {
  test('a reason is acted on once, and the watch cools down', async () => {
    const watch = await seesReason();
    expect(watch.running('act')).toBe(1);
    await watch.acted();
    watch.change();
    watch.clock.advance(coolDownMs - 1);
    expect(watch.running('look')).toBe(0);
    watch.clock.advance(1);
    // A change meanwhile leads to a look.
    expect(watch.running('look')).toBe(1);
    expect(watch.count('act.done')).toBe(1);
  });

  test('a reason waits until the user and the agent are silent', async () => {
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

  test('a reason is dropped if the user speaks for too long', async () => {
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

  test('a reason is dropped or acted on at once, depending on the policy', async () => {
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

  test('a reason needs the required number of looks', async () => {
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

  test('a reason is dropped after too many looks that say no', async () => {
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

  test('a reason with forMs must last that long, and one no ends it', async () => {
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
    // The next one starts from zero.
    passing.change();
    await passing.seen();
    await passing.yes();
    expect(passing.running('act')).toBe(0);
  });

  test('a reason is dropped if the budget of the hour is spent, until an hour is over', async () => {
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

  /** One look that finds a reason, some time later. */
  async function yesAfter(watch: ReturnType<typeof simulatedWatch>, ms: number) {
    await watch.clock.advanceSettling(ms);
    watch.change();
    await watch.seen();
    await watch.yes();
  }

  test('evidence does not age after a no or an act', async () => {
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

  test('evidence is discarded after a failed look', async () => {
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
