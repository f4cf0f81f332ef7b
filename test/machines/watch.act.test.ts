import { describe, expect, test } from 'vitest';
import { seesReason, simulatedWatch, watchInput } from '../support/machines/simulated-watch.ts';

const { coolDownMs } = watchInput;

describe('an act', () => {
  test('an act causes no extra look', async () => {
    const watch = await seesReason();
    await watch.acted();
    watch.clock.advance(coolDownMs);
    expect(watch.is('untimed')).toBe(true);
    expect(watch.count('look.begun')).toBe(1);
  });

  test('an act that fails or takes too long is reported, and the next one waits longer and longer', async () => {
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

  test('an act starts at once under each policy if the floor is free', async () => {
    for (const floor of ['wait', 'drop', 'ignore'] as const) {
      const watch = await seesReason({ floor });
      expect(watch.running('act')).toBe(1);
    }
  });

  test('an act that is dropped for the floor is followed by the cool-down', async () => {
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

  test('an act counts against its budget on every path to it', async () => {
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

  test('an act that was confirmed over time follows the floor policy', async () => {
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
