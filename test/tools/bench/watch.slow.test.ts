import { describe, expect, test } from 'vitest';
import { benchWatch } from '../../../tools/bench/watch/run.ts';

describe('a watch of a generated video', () => {
  test.each([1, 2, 3])(
    'a watch acts once on each event of a generated video, and on nothing else (seed %i)',
    async (seed) => {
      const figures = await benchWatch({ events: 4, quietMinutes: 3, seed });
      expect(figures).toMatchObject({
        events: 4,
        acted: 4,
        missed: 0,
        falseActs: 0,
        precision: 1,
        recall: 1,
      });
    },
  );

  test('a watch does nothing and hardly looks if nothing happens in the video', async () => {
    const figures = await benchWatch({ events: 0, quietMinutes: 5 });
    expect(figures).toMatchObject({ acted: 0, falseActs: 0 });
    expect(figures.looks).toBeLessThanOrEqual(1);
  });
});
