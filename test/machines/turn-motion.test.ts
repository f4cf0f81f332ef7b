import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromPromise } from 'xstate';
import { turnMotionMachine } from '../../src/machines/turn-motion.machine.ts';
import type { TurnMotionInput } from '../../src/machines/turn-motion.types.ts';
import type { SourceId } from '../../src/source.ts';
import { type Deferred, deferred, settled } from '../../src/testing/simulated-clock.ts';
import { motionInput } from '../support/machines/inputs.ts';
import { ofType, record, walks } from '../support/machines/recorded.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

const { firstIntervalMs, forgetAfterMs, maxPictures } = motionInput;

/** A turn whose pictures are taken by the test. */
function motion(change: Partial<TurnMotionInput> = {}) {
  const jobs: (Deferred<number | null> & { sourceId: SourceId })[] = [];
  const machine = turnMotionMachine.provide({
    actors: {
      takePicture: fromPromise(({ input: { sourceId } }) => {
        const job = { ...deferred<number | null>(), sourceId };
        jobs.push(job);
        return job.promise;
      }),
    },
  });
  const recorded = record(machine, { ...motionInput, ...change });
  const { actor, clock, reports } = recorded;
  let lastId = 0;
  return {
    ...recorded,
    jobs,
    value: () => actor.getSnapshot().value,
    kept: () => actor.getSnapshot().context.frameIds,
    told: () => ofType(reports, 'motion.kept').map(({ frameIds }) => frameIds),
    speak: () => actor.send({ type: 'user.speaking' }),
    fallSilent: () => actor.send({ type: 'user.silent' }),
    commit: () => actor.send({ type: 'turn.committed' }),
    switchSource: () => actor.send({ type: 'pick.changed' }),
    taken: async (frameId: number | null = ++lastId) => {
      jobs.at(-1)?.resolve(frameId);
      await settled();
    },
    failed: async () => {
      jobs.at(-1)?.reject(new Error('a broken frame'));
      await settled();
    },
    wait: (ms: number) => clock.advanceSettling(ms),
  };
}

/** The user speaks, and this many pictures were taken. */
async function speaking(pictures: number) {
  const turn = motion();
  turn.speak();
  await turn.taken();
  for (let i = 1; i < pictures; i++) {
    await turn.wait(turn.actor.getSnapshot().context.intervalMs);
    await turn.taken();
  }
  return turn;
}

test('every state is entered and every transition is taken', () => {
  const { done, failed, elapsed } = eventsOf(turnMotionMachine);
  const coverage = new Coverage(turnMotionMachine);
  for (const input of [motionInput, { ...motionInput, maxPictures: 0 }])
    coverage.explore({
      input,
      events: [
        { type: 'user.speaking' },
        { type: 'user.silent' },
        { type: 'turn.committed' },
        { type: 'pick.changed' },
        { type: 'motion.limited', maxPictures: 0 },
        done('speaking.taking', 7),
        done('speaking.taking', null),
        failed('speaking.taking', 'a broken frame'),
        elapsed('interval', 'speaking.waiting'),
        elapsed('forgetAfter', 'silent'),
      ],
      key: ({ context }) => context.frameIds.length,
    });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('a turn', () => {
  test('a turn keeps only the last picture if no more are wanted', () => {
    const turn = motion({ maxPictures: 0 });
    turn.speak();
    expect(turn.jobs).toHaveLength(0);
    expect(turn.value()).toBe('off');
  });

  test('a turn keeps no pictures for a model that gets live video, and keeps them again after that', async () => {
    const turn = await speaking(2);
    turn.actor.send({ type: 'motion.limited', maxPictures: 0 });
    expect(turn.value()).toBe('off');
    expect(turn.told().at(-1)).toEqual([]);
    turn.speak();
    expect(turn.jobs).toHaveLength(2);
    turn.actor.send({ type: 'motion.limited', maxPictures: 1 });
    turn.speak();
    await turn.taken();
    await turn.wait(firstIntervalMs);
    await turn.taken();
    expect(turn.kept()).toHaveLength(1);
  });

  test('a turn takes the pictures of its own source', () => {
    const turn = motion({ sourceId: 'user/screen' });
    turn.speak();
    expect(turn.jobs.map(({ sourceId }) => sourceId)).toEqual(['user/screen']);
  });

  test('a turn takes a picture at its start, and then one at each interval', async () => {
    const turn = await speaking(1);
    expect(turn.kept()).toEqual([1]);
    await turn.wait(firstIntervalMs - 1);
    expect(turn.jobs).toHaveLength(1);
    await turn.wait(1);
    expect(turn.jobs).toHaveLength(2);
  });

  test('a long turn drops every other picture but the first, and takes fewer from then on', async () => {
    const turn = await speaking(maxPictures + 1);
    expect(turn.kept()).toEqual([1, 3]);
    expect(turn.told().at(-1)).toEqual([1, 3]);
    await turn.wait(2 * firstIntervalMs - 1);
    expect(turn.jobs).toHaveLength(maxPictures + 1);
    await turn.wait(1);
    expect(turn.jobs).toHaveLength(maxPictures + 2);
  });

  test('a turn continues after a pause of the user, and is forgotten once it was used', async () => {
    const turn = await speaking(1);
    turn.fallSilent();
    await turn.wait(forgetAfterMs - 1);
    turn.speak();
    await turn.taken();
    expect(turn.kept()).toEqual([1, 2]);
    turn.fallSilent();
    turn.commit();
    expect(turn.kept()).toEqual([]);
    expect(turn.told().at(-1)).toEqual([]);
  });

  test('an unused turn is forgotten after the limit', async () => {
    const turn = await speaking(2);
    turn.fallSilent();
    await turn.wait(forgetAfterMs);
    expect(turn.told().at(-1)).toEqual([]);
  });

  test('a turn that is used while the user goes on restarts at the first interval', async () => {
    const turn = await speaking(maxPictures + 1);
    turn.commit();
    expect(turn.kept()).toEqual([]);
    await turn.wait(2 * firstIntervalMs);
    await turn.taken(20);
    await turn.wait(firstIntervalMs);
    expect(turn.jobs).toHaveLength(maxPictures + 3);
  });

  test('a turn keeps no picture of a source that is no longer watched', async () => {
    const turn = await speaking(2);
    turn.switchSource();
    expect(turn.told().at(-1)).toEqual([]);
    turn.fallSilent();
    turn.speak();
    await turn.taken();
    turn.fallSilent();
    turn.switchSource();
    expect(turn.told().at(-1)).toEqual([]);
  });

  test('a picture that is being taken is dropped if its source is no longer watched', async () => {
    const turn = await speaking(1);
    await turn.wait(firstIntervalMs);
    turn.switchSource();
    await turn.taken(9);
    expect(turn.kept()).toEqual([]);
  });

  test('a turn goes on without a picture that failed or had no frame', async () => {
    const turn = await speaking(1);
    await turn.wait(firstIntervalMs);
    await turn.failed();
    await turn.wait(firstIntervalMs);
    await turn.taken(null);
    expect(turn.kept()).toEqual([1]);
    await turn.wait(firstIntervalMs);
    await turn.taken();
    expect(turn.kept()).toEqual([1, 2]);
  });
});

const LONGEST_TURN_MS = 300_000;

test('a turn of any length has few pictures, in order, from its beginning, at even intervals', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 15 }),
      fc.integer({ min: 1, max: 60 }),
      async (most, count) => {
        const turn = motion({ maxPictures: most });
        turn.speak();
        const takenAt: number[] = [0];
        for (let id = 1; id <= count && turn.clock.now() < LONGEST_TURN_MS; id++) {
          await turn.taken(id);
          takenAt.push(turn.clock.now());
          turn.clock.advance(turn.actor.getSnapshot().context.intervalMs);
        }
        const kept = turn.kept();
        expect(kept.length).toBeLessThanOrEqual(most);
        expect(kept).toEqual([...kept].sort((a, b) => a - b));
        expect(kept[0]).toBe(1);
        expect(turn.told().at(-1)).toEqual(kept);
        // No gap is more than twice another one.
        const times = kept.map((id) => takenAt[id] ?? 0);
        const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
        if (gaps.length > 0) expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps));
      },
    ),
    walks(40),
  );
});

test('nothing is taken before the user speaks', async () => {
  const turn = motion();
  await turn.wait(10 * motionInput.firstIntervalMs);
  expect(turn.jobs).toHaveLength(0);
});

test('a turn that is committed while the user still speaks releases its pictures at once', async () => {
  const turn = await speaking(2);
  turn.commit();
  expect(turn.told().at(-1)).toEqual([]);
  expect(turn.value()).toMatchObject({ speaking: expect.anything() });
});
