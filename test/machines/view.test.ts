import { describe, expect, test } from 'vitest';
import { type AnyActorRef, type EventObject, fromCallback } from 'xstate';
import { viewMachine } from '../../src/machines/view.machine.ts';
import type { ViewEvent, ViewInput } from '../../src/machines/view.types.ts';
import { viewInput } from '../support/machines/inputs.ts';
import { record } from '../support/machines/recorded.ts';
import { pickOf } from '../support/machines/simulated-streams.ts';
import { Coverage } from '../support/paths.ts';

const pick = pickOf('camera');
const sight = (now: 'opening' | 'live' | 'paused') =>
  ({ type: 'streamStatus.changed', sight: now, pick, error: null }) as const;

const events: ViewEvent[] = [
  { type: 'source.pinned', selector: 'screen' },
  { type: 'mode.set', mode: 'off' },
  { type: 'pick.changed', pick, previous: null, reason: 'published' },
  sight('opening'),
  sight('live'),
  sight('paused'),
  { type: 'video.pauseGivenUp', waitedMs: 1_700 },
  { type: 'user.speaking' },
  { type: 'user.silent' },
  { type: 'user.typed' },
  { type: 'turn.committed' },
  { type: 'motion.kept', frameIds: [7] },
  { type: 'sample.due' },
  { type: 'rate.changed', intervalMs: 1_000 },
  { type: 'rate.tick' },
  { type: 'flow.held' },
  { type: 'flow.released' },
  { type: 'look.requested', lookId: 1 },
  { type: 'look.answered', lookIds: [1], frameId: 7 },
  { type: 'look.failed', lookIds: [1], reason: 'timeout' },
  { type: 'sample.sent', frameId: 7 },
  { type: 'sample.skipped', frameId: null, reason: 'busy' },
  { type: 'sample.skipped', frameId: 7, reason: 'restarting' },
  { type: 'sampler.failed', error: 'it threw' },
];

/** A view whose parts only write down what they are told. */
function view(change: Partial<ViewInput> = {}) {
  const told: Record<string, string[]> = { sight: [], sampling: [], look: [], motion: [] };
  const listener = (name: string) =>
    fromCallback<EventObject>(({ receive }) => {
      receive(({ type }) => told[name]?.push(type));
    }) as unknown;
  const machine = viewMachine.provide({
    actors: {
      sight: listener('sight'),
      frameSampling: listener('sampling'),
      look: listener('look'),
      turnMotion: listener('motion'),
    } as never,
  });
  const recorded = record(machine, { ...viewInput, ...change });
  return {
    ...recorded,
    told,
    say: (...given: ViewEvent[]) => {
      for (const event of given) (recorded.actor as AnyActorRef).send(event);
    },
  };
}

test('every state is entered and every transition is taken', () => {
  const coverage = new Coverage(viewMachine);
  coverage.explore({ input: viewInput, events });
  coverage.explore({
    input: { ...viewInput, sampling: { ...viewInput.sampling, sink: 'none' } },
    events,
  });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('what its parts report', () => {
  const reports: ViewEvent[] = [
    { type: 'pick.changed', pick, previous: null, reason: 'published' },
    sight('live'),
    { type: 'video.pauseGivenUp', waitedMs: 1_700 },
    { type: 'look.answered', lookIds: [1], frameId: 7 },
    { type: 'sample.sent', frameId: 7 },
    { type: 'sample.skipped', frameId: null, reason: 'busy' },
    { type: 'sampler.failed', error: 'it threw' },
    { type: 'motion.kept', frameIds: [7] },
  ];
  test.each(reports)('$type goes on, with the number of the view', (report) => {
    const one = view();
    one.say(report);
    expect(one.reports).toEqual([{ ...report, view: viewInput.view }]);
  });

  test('the rate and its ticks stay between them', () => {
    const one = view();
    one.say({ type: 'rate.changed', intervalMs: 1_000 }, { type: 'rate.tick' });
    expect(one.reports).toEqual([]);
    expect(one.told.sight).toEqual(['rate.changed', 'rate.tick']);
  });
});

describe('what it is told goes to the parts that it concerns', () => {
  test.each<[ViewEvent, Partial<Record<'sight' | 'sampling' | 'look' | 'motion', string[]>>]>([
    [{ type: 'source.pinned', selector: 'screen' }, { sight: ['source.pinned'] }],
    [
      { type: 'mode.set', mode: 'off' },
      { sight: ['mode.set'], sampling: ['mode.set'], look: ['mode.set'] },
    ],
    [
      { type: 'user.speaking' },
      { sight: ['frame.needed'], sampling: ['user.speaking'], motion: ['user.speaking'] },
    ],
    [{ type: 'user.silent' }, { sampling: ['user.silent'], motion: ['user.silent'] }],
    [{ type: 'turn.committed' }, { motion: ['turn.committed'] }],
    [{ type: 'sample.due' }, { sampling: ['sample.due'] }],
    [
      { type: 'look.requested', lookId: 1 },
      { sight: ['frame.needed'], look: ['look.requested'] },
    ],
    [{ type: 'user.typed' }, { sampling: ['sample.due'] }],
    [{ type: 'flow.held' }, { sight: ['flow.held'] }],
    [{ type: 'flow.released' }, { sight: ['flow.released'] }],
    [{ type: 'sample.sent', frameId: 7 }, { sight: ['sample.done'] }],
    [{ type: 'sample.skipped', frameId: 7, reason: 'closed' }, { sight: ['sample.done'] }],
    [{ type: 'sample.skipped', frameId: null, reason: 'no-frame' }, {}],
    [
      { type: 'pick.changed', pick, previous: null, reason: 'published' },
      { motion: ['pick.changed'] },
    ],
  ])('%o', (event, told) => {
    const one = view();
    one.say(event);
    expect(one.told).toEqual({ sight: [], sampling: [], look: [], motion: [], ...told });
  });

  test('a typed turn wakes a video that rests, and waits for its frame', () => {
    const one = view();
    one.say(sight('paused'), { type: 'user.typed' });
    expect(one.told).toMatchObject({ sight: ['frame.needed'], sampling: ['sample.awaited'] });
  });

  test('a typed turn goes with the newest frame while a new stream opens, also after a pause', () => {
    const one = view();
    one.say(sight('paused'), sight('opening'), { type: 'user.typed' });
    expect(one.told.sampling).toEqual(['sample.due', 'sample.due']);
  });

  test('a new stream is shown at once to a model that takes frames, and to no other', () => {
    const one = view();
    one.say(sight('opening'), sight('live'));
    expect(one.told.sampling).toEqual(['sample.due']);
    const pipeline = view({ sampling: { ...viewInput.sampling, sink: 'none' } });
    pipeline.say(sight('opening'));
    expect(pipeline.told.sampling).toEqual([]);
  });

  test('what the application looks at is shown to a model that takes frames, and to no other', () => {
    const answered: ViewEvent = { type: 'look.answered', lookIds: [1], frameId: 7 };
    const one = view();
    one.say(answered);
    expect(one.told.sampling).toEqual(['sample.due']);
    const pipeline = view({ sampling: { ...viewInput.sampling, sink: 'none' } });
    pipeline.say(answered);
    expect(pipeline.told.sampling).toEqual([]);
    expect(pipeline.reports).toEqual([{ ...answered, view: viewInput.view }]);
  });
});
