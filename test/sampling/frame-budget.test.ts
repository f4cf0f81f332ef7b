import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameBudget, type FrameBudgetOptions } from '../../src/sampling/frame-budget.ts';

const MINUTE = 60_000;
type User = 'speaking' | 'silent';

/** A budget and its clock. */
class Spending {
  now = 0;
  readonly budget: FrameBudget;
  readonly sent: { at: number; bytes: number }[] = [];

  constructor(options: FrameBudgetOptions) {
    this.budget = new FrameBudget(options, () => this.now);
  }

  wait(user: User): number {
    return this.budget.stretch(0, user);
  }

  send(bytes: number): void {
    this.budget.spend(bytes);
    this.sent.push({ at: this.now, bytes });
  }

  /** The most that any minute up to now got. */
  get most(): { frames: number; bytes: number } {
    const minutes = this.sent.map(({ at }) => {
      const within = this.sent.filter((other) => other.at <= at && other.at > at - MINUTE);
      return { frames: within.length, bytes: within.reduce((sum, { bytes }) => sum + bytes, 0) };
    });
    return {
      frames: Math.max(0, ...minutes.map(({ frames }) => frames)),
      bytes: Math.max(0, ...minutes.map(({ bytes }) => bytes)),
    };
  }
}

test('a sample is slowed only if it waits longer than its rate', () => {
  const spending = new Spending({ framesPerMinute: 1 });
  spending.send(1);
  expect(spending.budget.stretch(2 * MINUTE, 'speaking')).toBe(2 * MINUTE);
  expect(spending.budget.use().slowed).toBe(0);
  expect(spending.budget.stretch(1000, 'speaking')).toBe(MINUTE);
  expect(spending.budget.use().slowed).toBe(1);
});

/** A source that needs a frame now and then, with or without speech. */
const wishes = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    user: fc.constantFrom<User>('speaking', 'silent'),
    bytes: fc.integer({ min: 1, max: 1000 }),
  }),
  { maxLength: 120 },
);

describe('a budget', () => {
  test('a budget is unlimited by default', () => {
    const spending = new Spending({});
    for (let n = 0; n < 1000; n++) {
      expect(spending.budget.stretch(10, 'silent')).toBe(10);
      spending.send(1e6);
    }
    expect(spending.budget.use()).toEqual({ frames: 1000, bytes: 1e9, tokens: 0, slowed: 0 });
  });

  test('a budget of frames is never exceeded in any minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), wishes, (framesPerMinute, list) => {
        const spending = new Spending({ framesPerMinute });
        for (const { afterMs, user, bytes } of list) {
          spending.now += afterMs;
          if (spending.wait(user) === 0) spending.send(bytes);
        }
        expect(spending.most.frames).toBeLessThanOrEqual(framesPerMinute);
      }),
    );
  });

  test('a budget of bytes is never exceeded in any minute by frames of one size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 30_000 }),
        fc.integer({ min: 1, max: 1000 }),
        wishes,
        (bytesPerMinute, bytes, list) => {
          const spending = new Spending({ bytesPerMinute });
          for (const { afterMs, user } of list) {
            spending.now += afterMs;
            if (spending.wait(user) === 0) spending.send(bytes);
          }
          expect(spending.most.bytes).toBeLessThanOrEqual(bytesPerMinute);
        },
      ),
    );
  });

  test('a budget of bytes expects the next frame to have the size of the last one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 30_000 }), wishes, (bytesPerMinute, list) => {
        const spending = new Spending({ bytesPerMinute });
        for (const { afterMs, user, bytes } of list) {
          spending.now += afterMs;
          if (spending.wait(user) === 0) spending.send(bytes);
        }
        // The size of a frame is unknown before it is encoded.
        expect(spending.most.bytes).toBeLessThanOrEqual(bytesPerMinute + 1000);
      }),
    );
  });

  test.each(['bytes', 'tokens'] as const)(
    'a budget of %s waits only for the frames that have to be a minute old',
    (unit) => {
      const spending = new Spending({ [`${unit}PerMinute`]: 100 });
      for (const at of [0, 10_000]) {
        spending.now = at;
        if (unit === 'bytes') spending.budget.spend(40);
        else spending.budget.spend(1, 40);
      }
      spending.now = 20_000;
      expect(spending.wait('speaking')).toBe(40_000);
      // Half of the budget is for speech.
      expect(spending.wait('silent')).toBe(50_000);
    },
  );

  test('a budget returns exactly how long to wait, to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), wishes, (framesPerMinute, list) => {
        const spending = new Spending({ framesPerMinute });
        for (const { afterMs, user, bytes } of list) {
          spending.now += afterMs;
          const wait = spending.wait(user);
          if (wait > 1) {
            spending.now += wait - 1;
            expect(spending.wait(user)).toBe(1);
            spending.now += 1;
          } else {
            spending.now += wait;
          }
          expect(spending.wait(user)).toBe(0);
          spending.send(bytes);
        }
      }),
    );
  });

  test('a budget of tokens allows a frame if the last minute has tokens left for it', () => {
    const budget = new FrameBudget({ tokensPerMinute: 1000 }, () => 0);
    const spent = () => {
      let frames = 0;
      while (budget.stretch(0, 'speaking') === 0 && frames < 100) {
        budget.spend(1, 258);
        frames++;
      }
      return frames;
    };
    expect(spent()).toBe(3);
    expect(budget.use()).toMatchObject({ tokens: 774, bytes: 3 });
  });

  test('a budget slows the silent rate first, and leaves half for speech', () => {
    const spending = new Spending({ framesPerMinute: 20 });
    while (spending.budget.stretch(1000, 'silent') === 1000) {
      spending.send(1);
      spending.now += 1000;
    }
    expect(spending.sent).toHaveLength(10);
    while (spending.budget.stretch(1000, 'speaking') === 1000) {
      spending.send(1);
      spending.now += 1000;
    }
    expect(spending.sent).toHaveLength(20);
    expect(spending.budget.use()).toMatchObject({ frames: 20, slowed: 2 });
    expect(spending.budget.stretch(1000, 'speaking')).toBe(MINUTE - spending.now);
  });

  test('a budget that is smaller than one frame allows one a minute', () => {
    const spending = new Spending({ bytesPerMinute: 100 });
    expect(spending.wait('silent')).toBe(0);
    spending.send(5000);
    expect(spending.wait('speaking')).toBe(MINUTE);
    spending.now += MINUTE;
    expect(spending.wait('speaking')).toBe(0);
  });

  test('a budget counts the last minute only', () => {
    const spending = new Spending({ framesPerMinute: 10 });
    spending.send(7);
    spending.now = 30_000;
    spending.send(8);
    expect(spending.budget.use()).toMatchObject({ frames: 2, bytes: 15 });
    spending.now = MINUTE;
    expect(spending.budget.use()).toMatchObject({ frames: 1, bytes: 8 });
    spending.now = 2 * MINUTE;
    expect(spending.budget.use()).toMatchObject({ frames: 0, bytes: 0 });
  });
});
