import { watchMachine } from '../../../src/machines/watch.machine.ts';
import type { WatchEvent, WatchInput, WatchVerdict } from '../../../src/machines/watch.types.ts';
import { Outside } from './outside.ts';
import { record } from './recorded.ts';

/** No two of its times are equal, so a test that confuses them fails. */
export const watchInput: WatchInput = {
  everyMs: 5_000,
  lookTimeoutMs: 2_500,
  decideTimeoutMs: 4_000,
  actTimeoutMs: 9_000,
  confirm: { looks: 1, of: 1, everyMs: 700, forMs: 0 },
  floor: 'wait',
  floorTimeoutMs: 6_000,
  coolDownMs: 11_000,
  budget: { looksPerMinute: 8, actsPerHour: 3 },
  backOff: { baseMs: 1_100, maxMs: 8_000 },
};

type Jobs = 'look' | 'decide' | 'act';

/** A watch whose looks, decisions, acts and speakers are controlled by a test. */
export function simulatedWatch(change: Partial<WatchInput> = {}) {
  const outside = new Outside();
  const looks = outside.jobs<void, { lookId: number }>('look');
  const decisions = outside.jobs<WatchVerdict, { lookId: number }>('decide');
  const acts = outside.jobs<void, { lookId: number }>('act');
  const recorded = record(
    watchMachine.provide({
      actors: {
        triggers: outside.actor<WatchEvent>('triggers'),
        floorEvents: outside.actor<WatchEvent>('floor'),
        look: looks.logic,
        decide: decisions.logic,
        act: acts.logic,
      },
    }),
    { ...watchInput, ...change },
  );
  const { actor } = recorded;
  const running = (job: Jobs) => [...outside.leaves].filter((leaf) => leaf.startsWith(job)).length;
  return {
    ...recorded,
    leaves: outside.leaves,
    looks,
    decisions,
    acts,
    running,
    context: () => actor.getSnapshot().context,
    is: (loop: string) => {
      const { value } = actor.getSnapshot();
      if (typeof value === 'string') return value === loop;
      const { watching } = value as { watching: { loop: unknown } };
      return JSON.stringify(watching.loop).includes(`"${loop}"`);
    },
    start: () => actor.send({ type: 'watch.start' }),
    stop: () => actor.send({ type: 'watch.stop' }),
    change: () => outside.say('triggers', { type: 'look.due', cause: 'change' }),
    speak: () => outside.say('floor', { type: 'floor.taken' }),
    fallSilent: () => outside.say('floor', { type: 'floor.free' }),
    seen: () => looks.done(undefined),
    yes: () => decisions.done({ act: true }),
    no: () => decisions.done({ act: false }),
    acted: () => acts.done(undefined),
    /** The reports so far: `look.begun`, `act.done` and so on. */
    told: () => recorded.reports.map(({ type }) => type),
    count: (type: string) => recorded.reports.filter((report) => report.type === type).length,
  };
}

/** A watch that looks and finds a reason to act. */
export async function seesReason(change: Partial<WatchInput> = {}) {
  const watch = simulatedWatch({ everyMs: null, ...change });
  watch.start();
  watch.change();
  await watch.seen();
  await watch.yes();
  return watch;
}
