import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromPromise } from 'xstate';
import type { FrameRef } from '../../src/frame.ts';
import { lookMachine } from '../../src/machines/look.machine.ts';
import type { LookInput } from '../../src/machines/look.types.ts';
import type { SourceId } from '../../src/source.ts';
import { type Deferred, deferred, settled } from '../../src/testing/simulated-clock.ts';
import { lookInput, newestFrame } from '../support/machines/inputs.ts';
import { ofType, record, walks } from '../support/machines/recorded.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

const { lookTimeoutMs } = lookInput;

/** Looks at a stream whose frames the test supplies. */
function looking(change: Partial<LookInput> = {}) {
  const waits: (Deferred<FrameRef> & { sourceId: SourceId })[] = [];
  const machine = lookMachine.provide({
    actors: {
      freshFrame: fromPromise(({ input: { sourceId } }) => {
        const wait = { ...deferred<FrameRef>(), sourceId };
        waits.push(wait);
        return wait.promise;
      }),
    },
  });
  const recorded = record(machine, { ...lookInput, ...change });
  const { actor } = recorded;
  return {
    ...recorded,
    waits,
    value: () => actor.getSnapshot().value,
    waiting: () => actor.getSnapshot().context.looks,
    look: (lookId: number) => actor.send({ type: 'look.requested', lookId }),
    mode: (mode: LookInput['mode']) => actor.send({ type: 'mode.set', mode }),
    frameCame: async (id: number) => {
      for (const wait of waits) wait.resolve({ ...newestFrame, id });
      await settled();
    },
    noFrameComes: async () => {
      waits.at(-1)?.reject(new Error('the stream ended'));
      await settled();
    },
  };
}

test('every state is entered and every transition is taken', () => {
  const { elapsed, done, failed } = eventsOf(lookMachine);
  const coverage = new Coverage(lookMachine);
  for (const mode of ['off', 'onDemand', 'sampled'] as const)
    coverage.explore({
      input: { ...lookInput, mode },
      events: [
        { type: 'mode.set', mode: 'off' },
        { type: 'mode.set', mode: 'sampled' },
        { type: 'look.requested', lookId: 1 },
        done('waiting', newestFrame),
        failed('waiting', 'the stream ended'),
        elapsed('lookTimeout', 'waiting'),
      ],
      key: ({ context }) => context.looks.length > 0,
    });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('a look', () => {
  test.each(['onDemand', 'sampled'] as const)(
    'a look is answered by the next frame, %s',
    async (mode) => {
      const video = looking({ mode });
      video.look(1);
      expect(video.value()).toBe('waiting');
      expect(video.reports).toEqual([]);
      await video.frameCame(70);
      expect(video.reports).toEqual([{ type: 'look.answered', lookIds: [1], frameId: 70 }]);
      expect(video.value()).toBe('none');
    },
  );

  test('a look is answered by a frame of its own source', () => {
    const video = looking({ sourceId: 'user/screen' });
    video.look(1);
    expect(video.waits.map(({ sourceId }) => sourceId)).toEqual(['user/screen']);
  });

  test('one frame answers all looks that wait for it', async () => {
    const video = looking();
    video.look(1);
    video.look(2);
    video.look(3);
    await video.frameCame(70);
    video.look(4);
    await video.frameCame(71);
    expect(video.reports).toEqual([
      { type: 'look.answered', lookIds: [1, 2, 3], frameId: 70 },
      { type: 'look.answered', lookIds: [4], frameId: 71 },
    ]);
    expect(video.waiting()).toEqual([]);
  });

  test('a look is refused while video is off, and accepted afterwards', async () => {
    const video = looking({ mode: 'off' });
    video.look(1);
    expect(video.reports).toEqual([{ type: 'look.failed', lookIds: [1], reason: 'off' }]);
    expect(video.waiting()).toEqual([]);
    video.mode('off');
    expect(video.value()).toBe('closed');
    video.mode('onDemand');
    video.look(2);
    await video.frameCame(70);
    expect(video.reports.at(-1)).toEqual({ type: 'look.answered', lookIds: [2], frameId: 70 });
  });

  test.each(['answered', 'out of time', 'in vain'])(
    'a look that was refused while video was off can be followed by another one: the one before was %s',
    async (end) => {
      const video = looking({ mode: 'off' });
      video.mode('sampled');
      video.look(1);
      if (end === 'answered') await video.frameCame(70);
      else if (end === 'in vain') await video.noFrameComes();
      else video.clock.advance(lookTimeoutMs);
      video.look(2);
      expect(video.value()).toBe('waiting');
    },
  );

  test('a look waits for a frame after an earlier change between onDemand and sampled', () => {
    const video = looking();
    video.mode('onDemand');
    video.look(1);
    expect(video.value()).toBe('waiting');
  });

  test('a look fails when video goes off, and a late frame does not answer it', async () => {
    const video = looking();
    video.look(1);
    video.look(2);
    video.mode('off');
    await video.frameCame(70);
    expect(video.reports).toEqual([{ type: 'look.failed', lookIds: [1, 2], reason: 'off' }]);
    expect(video.value()).toBe('closed');
  });

  test('a look is refused after video went off while no look was pending', () => {
    const video = looking();
    video.mode('off');
    expect(video.reports).toEqual([]);
    video.look(1);
    expect(video.reports).toEqual([{ type: 'look.failed', lookIds: [1], reason: 'off' }]);
  });

  test('a look still waits when the mode changes between onDemand and sampled', async () => {
    const video = looking();
    video.look(1);
    video.mode('onDemand');
    await video.frameCame(70);
    expect(video.reports).toEqual([{ type: 'look.answered', lookIds: [1], frameId: 70 }]);
  });

  test('looks fail after the time limit of the first one that waits', async () => {
    const video = looking();
    video.look(1);
    await video.clock.advanceSettling(lookTimeoutMs - 1);
    video.look(2);
    expect(video.reports).toEqual([]);
    await video.clock.advanceSettling(1);
    expect(video.reports).toEqual([{ type: 'look.failed', lookIds: [1, 2], reason: 'timeout' }]);
    await video.frameCame(70);
    expect(video.reports).toHaveLength(1);
  });

  test('a look fails when no frame can come', async () => {
    const video = looking();
    video.look(1);
    await video.noFrameComes();
    expect(video.reports).toEqual([{ type: 'look.failed', lookIds: [1], reason: 'timeout' }]);
  });
});

test('every look is answered once, fails once, or still waits', async () => {
  const step = fc.constantFrom('look', 'off', 'on', 'frame', 'none', 'time');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const video = looking();
      let looks = 0;
      for (const one of steps) {
        if (one === 'look') video.look(++looks);
        else if (one === 'off') video.mode('off');
        else if (one === 'on') video.mode('sampled');
        else if (one === 'frame') await video.frameCame(70);
        else if (one === 'none') await video.noFrameComes();
        else video.clock.advance(lookTimeoutMs);
        const ended = [
          ...ofType(video.reports, 'look.answered'),
          ...ofType(video.reports, 'look.failed'),
        ].flatMap(({ lookIds }) => lookIds);
        const all = [...ended, ...video.waiting()].sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: looks }, (_, index) => index + 1));
        expect(video.waiting().length > 0).toBe(video.value() === 'waiting');
      }
    }),
    walks(40),
  );
});
