import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventFromLogic } from 'xstate';
import type { idlePauseMachine } from '../../src/machines/idle-pause.machine.ts';
import { idlePauseInput } from '../support/machines/inputs.ts';
import { walks } from '../support/machines/recorded.ts';
import { FAR_MS, pausing } from '../support/machines/simulated-pause.ts';

const { minIntervalMs } = idlePauseInput;

test('every pause is followed by its resume and every rest by its end, and nothing is read only then', () => {
  type Step = EventFromLogic<typeof idlePauseMachine> | number;
  const step = fc.oneof(
    fc.constantFrom<Step[]>(
      { type: 'rate.tick' },
      { type: 'sample.done' },
      { type: 'stream.frame' },
      { type: 'stream.frame', gapMs: 33 },
    ),
    fc.constantFrom<Step[]>(
      { type: 'frame.needed' },
      { type: 'stream.replaced', isScreen: false },
      { type: 'stream.replaced', isScreen: true },
    ),
    fc
      .constantFrom(null, 1_000, minIntervalMs, FAR_MS)
      .map((intervalMs): Step => ({ type: 'rate.changed', intervalMs })),
    fc.nat({ max: FAR_MS }),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 50 }), (steps) => {
      const video = pausing();
      for (const given of steps) {
        if (typeof given === 'number') video.clock.advance(given);
        else video.actor.send(given);
        const asked = video.requests().filter((request) => request !== 'give up');
        expect(asked.join(' ')).toMatch(/^((pause resume|rest read) ?)*(pause|rest)?$/);
        expect(video.value() === 'paused').toBe(asked.at(-1) === 'pause');
        expect(video.value() === 'resting').toBe(asked.at(-1) === 'rest');
      }
    }),
    walks(60),
  );
});
