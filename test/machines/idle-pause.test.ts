import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventFromLogic } from 'xstate';
import { idlePauseMachine } from '../../src/machines/idle-pause.machine.ts';
import type { IdlePauseInput } from '../../src/machines/idle-pause.types.ts';
import { idlePauseInput } from '../support/machines/inputs.ts';
import { record, walks } from '../support/machines/recorded.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

const {
  leadMs: { longest: leadMs, shortest: shortestLeadMs },
  minIntervalMs,
  wakeTimeoutMs,
} = idlePauseInput;
const far = 10_000;

function pausing(change: Partial<IdlePauseInput> = {}) {
  const recorded = record(idlePauseMachine, { ...idlePauseInput, ...change });
  const { actor, reports } = recorded;
  return {
    ...recorded,
    value: () => actor.getSnapshot().value.video,
    context: () => actor.getSnapshot().context,
    rate: (intervalMs: number | null) => actor.send({ type: 'rate.changed', intervalMs }),
    /** A sample of the rate, on time. */
    sampled: () => {
      actor.send({ type: 'rate.tick' });
      actor.send({ type: 'sample.done' });
    },
    tick: () => actor.send({ type: 'rate.tick' }),
    done: () => actor.send({ type: 'sample.done' }),
    needed: () => actor.send({ type: 'frame.needed' }),
    frame: () => actor.send({ type: 'stream.frame' }),
    wokeAfter: (afterMs: number) => actor.send({ type: 'stream.frame', afterMs }),
    hold: () => actor.send({ type: 'flow.held' }),
    release: () => actor.send({ type: 'flow.released' }),
    replaced: () => actor.send({ type: 'stream.replaced' }),
    /** `pause`, `resume`, `give up`: what was asked for so far. */
    requests: () =>
      reports.map(({ type }) => {
        if (type === 'video.pauseGivenUp') return 'give up';
        return type === 'video.pauseRequested' ? 'pause' : 'resume';
      }),
  };
}

/** Video that flows. */
function flowing(change: Partial<IdlePauseInput> = {}) {
  const video = pausing(change);
  video.frame();
  return video;
}

/** Paused after a sample, the next one far away. */
function paused() {
  const video = flowing();
  video.rate(far);
  video.sampled();
  expect(video.value()).toBe('paused');
  return video;
}

test('every state is entered and every transition is taken', () => {
  const { elapsed } = eventsOf(idlePauseMachine);
  const coverage = new Coverage(idlePauseMachine);
  for (const isWanted of [true, false]) {
    coverage.explore({
      input: { ...idlePauseInput, isWanted },
      events: [
        { type: 'rate.changed', intervalMs: far },
        { type: 'rate.changed', intervalMs: 1_000 },
        { type: 'rate.tick' },
        { type: 'sample.done' },
        { type: 'frame.needed' },
        { type: 'stream.frame' },
        { type: 'stream.replaced' },
        { type: 'flow.held' },
        { type: 'flow.released' },
        elapsed('untilWake', 'nextSample.far'),
        elapsed('wakeTimeout', 'video.waking'),
      ],
      key: ({ context: { intervalMs, holds } }) => [intervalMs, Math.sign(holds)],
    });
  }
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('video between two samples', () => {
  test('is paused where they are far apart, and flows again shortly before the next one', () => {
    const video = paused();
    video.clock.advance(far - leadMs - 1);
    expect(video.requests()).toEqual(['pause']);
    video.clock.advance(1);
    expect(video.requests()).toEqual(['pause', 'resume']);
    expect(video.value()).toBe('waking');
    video.frame();
    expect(video.value()).toBe('flowing');
    expect(video.context()).toMatchObject({ pauses: 1, failedWakes: 0 });
  });

  test('is paused from the shortest time on that is worth it', () => {
    const video = flowing();
    video.sampled();
    video.rate(minIntervalMs - 1);
    video.sampled();
    expect(video.requests()).toEqual([]);
    video.rate(minIntervalMs);
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('flows where no rate is known, and where pauses are not wanted', () => {
    const unknown = flowing();
    unknown.rate(null);
    unknown.sampled();
    const unwanted = flowing({ isWanted: false });
    unwanted.rate(far);
    unwanted.sampled();
    unwanted.replaced();
    unwanted.sampled();
    expect([...unknown.requests(), ...unwanted.requests()]).toEqual([]);
    expect(unwanted.value()).toBe('keeping');
  });
});

describe('a sample that takes its time', () => {
  test('does not put the next one off: the video is back on the grid of the rate', () => {
    const video = flowing();
    video.rate(far);
    video.tick();
    video.clock.advance(3_000);
    video.done();
    expect(video.value()).toBe('paused');
    video.clock.advance(far - 3_000 - leadMs - 1);
    expect(video.value()).toBe('paused');
    video.clock.advance(1);
    expect(video.value()).toBe('waking');
  });

  test('until the next one is near is followed by no pause', () => {
    const video = flowing();
    video.rate(far);
    video.tick();
    video.clock.advance(far - leadMs);
    video.done();
    expect(video.requests()).toEqual([]);
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('and one that was asked for between two of the rate moves no pause', () => {
    const video = paused();
    video.clock.advance(far / 2);
    video.needed();
    video.frame();
    video.done();
    expect(video.requests()).toEqual(['pause', 'resume', 'pause']);
    video.clock.advance(far / 2 - shortestLeadMs - 1);
    video.clock.advance(1);
    expect(video.value()).toBe('waking');
  });

  test('after which no time is known, as at a new rate, is followed by no pause', () => {
    const video = flowing();
    video.rate(far);
    video.done();
    expect(video.requests()).toEqual([]);
    video.tick();
    video.rate(2 * far);
    video.done();
    expect(video.requests()).toEqual([]);
  });
});

describe('while somebody wants every frame', () => {
  test('video is not paused, until the last one goes', () => {
    const video = flowing();
    video.rate(far);
    video.hold();
    video.hold();
    video.sampled();
    video.release();
    video.sampled();
    expect(video.requests()).toEqual([]);
    video.release();
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('paused video flows at once, and stays so on another stream', () => {
    const video = paused();
    video.hold();
    expect(video.value()).toBe('waking');
    video.replaced();
    video.frame();
    video.sampled();
    expect(video.requests()).toEqual(['pause', 'resume']);
  });
});

describe('paused video', () => {
  test('flows at once when a frame is needed', () => {
    const video = paused();
    video.needed();
    expect(video.value()).toBe('waking');
    expect(video.requests()).toEqual(['pause', 'resume']);
  });

  test.each([1_000, null, far, 2 * far])('flows at once when the rate becomes %s', (intervalMs) => {
    const video = paused();
    video.rate(intervalMs);
    expect(video.value()).toBe('waking');
    expect(video.context().intervalMs).toBe(intervalMs);
    expect(video.requests()).toEqual(['pause', 'resume']);
  });

  test('is paused for the time of the new rate after the next sample', () => {
    const video = paused();
    video.rate(2 * far);
    video.frame();
    video.sampled();
    video.clock.advance(2 * far - leadMs - 1);
    expect(video.value()).toBe('paused');
    video.clock.advance(1);
    expect(video.value()).toBe('waking');
  });

  test.each([
    { took: [100], lead: shortestLeadMs },
    { took: [140], lead: 280 },
    { took: [140, 140, 2_000], lead: 280 },
    { took: [1_000], lead: leadMs },
    // The slow beginning is forgotten.
    { took: [900, 900, 900, 110, 120, 130, 140, 150], lead: 260 },
  ])('that took $took ms to come back is switched on $lead ms ahead', ({ took, lead }) => {
    const video = paused();
    for (const afterMs of took) {
      video.needed();
      video.wokeAfter(afterMs);
      video.sampled();
    }
    video.clock.advance(far - lead - 1);
    expect(video.value()).toBe('paused');
    video.clock.advance(1);
    expect(video.value()).toBe('waking');
  });

  test('of another stream is switched on as early as the first time', () => {
    const video = paused();
    video.needed();
    video.wokeAfter(100);
    video.replaced();
    video.frame();
    video.sampled();
    video.clock.advance(far - leadMs);
    expect(video.value()).toBe('waking');
  });

  test('is left behind by another stream, which flows', () => {
    const video = paused();
    video.replaced();
    expect(video.requests()).toEqual(['pause', 'resume']);
    video.frame();
    expect(video.value()).toBe('flowing');
  });
});

describe('another stream', () => {
  test('is as the first one: before a stream there is nothing to pause', () => {
    const video = pausing();
    video.rate(far);
    video.sampled();
    expect(video.value()).toBe('starting');
    expect(video.requests()).toEqual([]);
  });

  test('is not paused before its first frame came, however late a sample of the old one is', () => {
    const video = flowing();
    video.rate(far);
    video.replaced();
    video.sampled();
    expect(video.requests()).toEqual([]);
    video.frame();
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('may take its time: nothing is given up', () => {
    const video = paused();
    video.replaced();
    video.clock.advance(10 * far);
    expect(video.requests()).toEqual(['pause', 'resume']);
    expect(video.value()).toBe('starting');
  });
});

describe('video that does not come back in time', () => {
  const givenUp = () => {
    const video = paused();
    video.needed();
    video.clock.advance(wakeTimeoutMs - 1);
    expect(video.value()).toBe('waking');
    video.clock.advance(1);
    return video;
  };

  test('is paused no more on this stream, and that is told', () => {
    const video = givenUp();
    video.frame();
    video.sampled();
    expect(video.value()).toBe('keeping');
    expect(video.requests()).toEqual(['pause', 'resume', 'give up']);
    expect(video.reports.at(-1)).toMatchObject({ waitedMs: wakeTimeoutMs });
    expect(video.context().failedWakes).toBe(1);
  });

  test('has another chance on another stream', () => {
    const video = givenUp();
    video.replaced();
    video.frame();
    video.sampled();
    expect(video.value()).toBe('paused');
  });

  test('has another chance as well where the stream was replaced while it woke', () => {
    const video = paused();
    video.needed();
    video.replaced();
    video.clock.advance(wakeTimeoutMs);
    video.frame();
    expect(video.value()).toBe('flowing');
  });
});

test('every pause is followed by its resume, and video is off only while paused', () => {
  type Step = EventFromLogic<typeof idlePauseMachine> | number;
  const step = fc.oneof(
    fc.constantFrom<Step[]>(
      { type: 'rate.tick' },
      { type: 'sample.done' },
      { type: 'stream.frame' },
    ),
    fc.constantFrom<Step[]>({ type: 'frame.needed' }, { type: 'stream.replaced' }),
    fc
      .constantFrom(null, 1_000, minIntervalMs, far)
      .map((intervalMs): Step => ({ type: 'rate.changed', intervalMs })),
    fc.nat({ max: far }),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 50 }), (steps) => {
      const video = pausing();
      for (const given of steps) {
        if (typeof given === 'number') video.clock.advance(given);
        else video.actor.send(given);
        const asked = video.requests().filter((request) => request !== 'give up');
        const turns = asked.map((_, index) => (index % 2 === 0 ? 'pause' : 'resume'));
        expect(asked).toEqual(turns);
        expect(video.value() === 'paused').toBe(asked.at(-1) === 'pause');
      }
    }),
    walks(60),
  );
});
