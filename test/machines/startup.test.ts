import { describe, expect, test } from 'vitest';
import { startupMachine } from '../../src/machines/startup.machine.ts';
import type { StartupInput } from '../../src/machines/startup.types.ts';
import { startupInput } from '../support/machines/inputs.ts';
import { Outside } from '../support/machines/outside.ts';
import { record } from '../support/machines/recorded.ts';
import { Coverage, eventsOf, everyPath, type PathEvent } from '../support/paths.ts';

type Startup = typeof startupMachine;

const { elapsed, done, failed } = eventsOf(startupMachine);
const { connectTimeoutMs, startTimeoutMs } = startupInput;
const events: PathEvent<Startup>[] = [
  done('connecting'),
  failed('connecting', 'no room'),
  elapsed('connectTimeout', 'connecting'),
  { type: 'avatar.shown' },
  { type: 'avatar.failed', reason: 'HTTP 500', attempt: 1 },
  done('starting'),
  failed('starting', 'no agent'),
  elapsed('startTimeout', 'starting'),
];
const inputs = [true, false].map((waitsForAvatar) => ({ ...startupInput, waitsForAvatar }));

/** A start whose room and agent are controlled by the test. */
function starting(change: Partial<StartupInput> = {}) {
  const outside = new Outside();
  const connect = outside.jobs<void>('connect');
  const start = outside.jobs<void>('start');
  const machine = startupMachine.provide({
    actors: { connectRoom: connect.logic, startAgent: start.logic },
  });
  const recorded = record(machine, { ...startupInput, ...change });
  const { actor } = recorded;
  return { ...recorded, connect, start, outside, value: () => actor.getSnapshot().value };
}

test('every state is entered and every transition is taken', () => {
  const coverage = new Coverage(startupMachine);
  for (const input of inputs) coverage.explore({ input, events });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

test('every path through the start reports the room first, and then exactly one end', () => {
  let ends = 0;
  for (const input of inputs) {
    for (const { snapshot, reports } of everyPath(startupMachine, { input, events })) {
      // The error of a step that does not run: no actor sends it.
      if (snapshot.status === 'error') continue;
      const types = reports.map(({ type }) => type);
      const { value } = snapshot;
      if (value === 'connecting') expect(types).toEqual([]);
      else if (value === 'ready') expect(types).toEqual(['startup.joined', 'startup.ready']);
      else if (value === 'failed') expect(types.at(-1)).toBe('startup.failed');
      else expect(types).toEqual(['startup.joined']);
      expect(types.filter((type) => type === 'startup.failed')).toHaveLength(
        value === 'failed' ? 1 : 0,
      );
      expect(snapshot.status).toBe(value === 'ready' || value === 'failed' ? 'done' : 'active');
      if (snapshot.status === 'done') ends += 1;
    }
  }
  expect(ends).toBeGreaterThan(10);
});

describe('the start', () => {
  test('a start connects the room, waits for the avatar, then starts the agent', async () => {
    const startup = starting();
    expect([...startup.outside.leaves]).toEqual(['connect 1']);
    await startup.connect.done();
    expect(startup.value()).toBe('awaitingAvatar');
    expect(startup.reports).toEqual([{ type: 'startup.joined' }]);
    expect(startup.start.all).toHaveLength(0);
    startup.actor.send({ type: 'avatar.shown' });
    expect([...startup.outside.leaves]).toEqual(['start 1']);
    await startup.start.done();
    expect(startup.reports).toEqual([{ type: 'startup.joined' }, { type: 'startup.ready' }]);
    expect(startup.actor.getSnapshot().status).toBe('done');
    expect(startup.clock.pending).toBe(0);
  });

  test('a start starts the agent at once if no avatar is expected', async () => {
    const startup = starting({ waitsForAvatar: false });
    await startup.connect.done();
    expect(startup.value()).toBe('starting');
    expect(startup.start.all).toHaveLength(1);
  });

  test('the wait for the avatar does not count against the limits of the room and of the agent', async () => {
    const startup = starting();
    await startup.connect.done();
    await startup.clock.advanceSettling(connectTimeoutMs + startTimeoutMs);
    expect(startup.value()).toBe('awaitingAvatar');
    startup.actor.send({ type: 'avatar.shown' });
    await startup.clock.advanceSettling(startTimeoutMs - 1);
    expect(startup.value()).toBe('starting');
  });
});

type Starting = ReturnType<typeof starting>;
const connected = async (startup: Starting) => {
  await startup.connect.done();
  startup.actor.send({ type: 'avatar.shown' });
};
const failures: [string, (startup: Starting) => Promise<void>, string][] = [
  ['the room refuses', ({ connect }) => connect.failed('no room'), 'no room'],
  [
    'the room takes too long',
    ({ clock }) => clock.advanceSettling(connectTimeoutMs),
    `the room did not connect within ${connectTimeoutMs} ms`,
  ],
  [
    'the agent throws',
    async (startup) => {
      await connected(startup);
      await startup.start.failed('no agent');
    },
    'no agent',
  ],
  [
    'the agent takes too long',
    async (startup) => {
      await connected(startup);
      await startup.clock.advanceSettling(startTimeoutMs);
    },
    `the agent session did not start within ${startTimeoutMs} ms`,
  ],
];
test.each(failures)(
  'a start that fails reports the cause and leaves nothing: %s',
  async (...given) => {
    const [, fail, error] = given;
    const startup = starting();
    await fail(startup);
    expect(startup.reports.at(-1)).toEqual({ type: 'startup.failed', error });
    expect(startup.actor.getSnapshot()).toMatchObject({ value: 'failed', status: 'done' });
    expect([...startup.outside.leaves]).toEqual([]);
    expect(startup.clock.pending).toBe(0);
  },
);

test('a thrown text is reported as it is', async () => {
  const startup = starting();
  startup.connect.all[0]?.reject('no room' as never);
  await startup.clock.advanceSettling(0);
  expect(startup.reports).toEqual([{ type: 'startup.failed', error: 'no room' }]);
});
