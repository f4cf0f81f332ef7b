import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WatchInput } from '../../src/machines/watch.types.ts';
import { walks } from '../support/machines/recorded.ts';
import { simulatedWatch, watchInput } from '../support/machines/simulated-watch.ts';

type Watch = ReturnType<typeof simulatedWatch>;
const NAMED = ['start', 'stop', 'change', 'speak', 'fallSilent'] as const;
const JOBS = ['seen', 'yes', 'no', 'acted', 'look fails', 'decide fails', 'act fails'] as const;
type Step = (typeof NAMED)[number] | (typeof JOBS)[number] | number;

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.constantFrom<Step[]>('start', 'change', 'speak', 'fallSilent'), weight: 8 },
  {
    arbitrary: fc.constantFrom<Step[]>('seen', 'seen', 'yes', 'yes', 'acted', 'acted', ...JOBS),
    weight: 12,
  },
  { arbitrary: fc.nat({ max: 4_000 }), weight: 8 },
  // Seldom: it ends everything that is under way.
  { arbitrary: fc.constant<Step>('stop'), weight: 1 },
);
const steps = fc.array(step, { minLength: 30, maxLength: 90 });
const kinds = fc.constantFrom<Partial<WatchInput>[]>(
  {},
  { everyMs: null, floor: 'drop', coolDownMs: 2_000 },
  { everyMs: 800, confirm: { looks: 2, of: 3, everyMs: 700, forMs: 0 }, coolDownMs: 900 },
  { everyMs: 600, confirm: { looks: 1, of: 1, everyMs: 300, forMs: 1_000 }, coolDownMs: 500 },
);

async function walk(
  given: readonly Step[],
  change: Partial<WatchInput>,
  check: (w: Watch) => void,
) {
  const watch = simulatedWatch(change);
  watch.start();
  for (const one of given) {
    if (typeof one === 'number') await watch.clock.advanceSettling(one);
    else if (one === 'look fails') await watch.looks.failed('no frame');
    else if (one === 'decide fails') await watch.decisions.failed('no answer');
    else if (one === 'act fails') await watch.acts.failed('no voice');
    else await watch[one]();
    check(watch);
  }
  return watch;
}

const holds = (check: (given: readonly Step[], change: Partial<WatchInput>) => Promise<unknown>) =>
  fc.assert(
    fc.asyncProperty(steps, kinds, async (given, change) => {
      await check(given, change);
    }),
    walks(60),
  );

test('two looks never overlap, nor a look and an act', () =>
  holds((given, change) =>
    walk(given, change, (watch) => {
      const under = watch.running('look') + watch.running('decide') + watch.running('act');
      expect(under).toBeLessThanOrEqual(1);
    }),
  ));

test('the budgets hold in every minute and every hour', () =>
  holds(async (given, change) => {
    const looks: number[] = [];
    const acts: number[] = [];
    const budget = { looksPerMinute: 4, actsPerHour: 2 };
    const watch = simulatedWatch({ ...change, budget });
    watch.actor.on('look.begun', () => looks.push(watch.clock.now()));
    watch.actor.on('act.begun', () => acts.push(watch.clock.now()));
    watch.start();
    for (const one of given) {
      if (typeof one === 'number') await watch.clock.advanceSettling(one);
      else if (one === 'change' || one === 'start' || one === 'stop') watch[one]();
      else for (const answer of ['seen', 'yes', 'acted'] as const) await watch[answer]();
    }
    const most = (times: readonly number[], spanMs: number) =>
      Math.max(0, ...times.map((at) => times.filter((t) => t >= at && t < at + spanMs).length));
    expect(most(looks, 60_000)).toBeLessThanOrEqual(budget.looksPerMinute);
    expect(most(acts, 3_600_000)).toBeLessThanOrEqual(budget.actsPerHour);
  }));

test('an act never begins while the user or the agent speaks, or during the cool-down', () =>
  holds(async (given, change) => {
    const watch = simulatedWatch(change);
    let speaking = false;
    let stopped = false;
    let endedAt = Number.NEGATIVE_INFINITY;
    // Collected, not thrown: an exception in a listener is thrown elsewhere.
    const wrong: string[] = [];
    watch.actor.on('act.begun', () => {
      if (speaking) wrong.push('somebody speaks');
      const coolDownMs = change.coolDownMs ?? watchInput.coolDownMs;
      if (!stopped && watch.clock.now() - endedAt < coolDownMs) wrong.push('too soon');
      stopped = false;
    });
    watch.actor.on('act.done', () => {
      endedAt = watch.clock.now();
    });
    watch.start();
    for (const one of given) {
      if (typeof one === 'number') await watch.clock.advanceSettling(one);
      else if (one === 'speak' || one === 'fallSilent') {
        // Before the machine gets the event: it may act in the same moment.
        speaking = one === 'speak';
        watch[one]();
      } else if (one === 'stop') {
        watch.stop();
        // A restart reports who speaks.
        stopped = true;
        watch.start();
        if (speaking) watch.speak();
      } else if (one === 'change' || one === 'seen' || one === 'yes') {
        // A full cycle: single events rarely arrive in time for a second act.
        watch.change();
        await watch.seen();
        await watch.yes();
      } else if (one in watch) await watch[one as 'acted']();
    }
    expect(wrong).toEqual([]);
  }));

test('every look ends: decided, failed or stopped', () =>
  holds(async (given, change) => {
    const watch = await walk(given, change, () => {});
    watch.stop();
    const begun = watch.count('look.begun');
    const ended =
      watch.count('look.decided') +
      watch.reports.filter(
        ({ type, ...rest }) => type === 'watch.failed' && 'step' in rest && rest.step !== 'act',
      ).length;
    const stops = watch.count('watch.stopped');
    expect(begun - ended).toBeGreaterThanOrEqual(0);
    expect(begun - ended).toBeLessThanOrEqual(stops);
  }));

test('a watch without further events becomes idle or looks again', () =>
  holds(async (given, change) => {
    const watch = await walk(given, { ...change, everyMs: null }, () => {});
    watch.fallSilent();
    // Answers that never come: it continues after its time limits.
    const before = watch.count('look.begun');
    await watch.clock.advanceSettling(120_000);
    const rests = watch.is('stopped') || watch.is('untimed');
    expect(rests || watch.count('look.begun') > before).toBe(true);
  }));
