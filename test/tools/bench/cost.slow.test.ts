import { expect, test } from 'vitest';
import { benchCost } from '../../../tools/bench/cost/run.ts';

test('the adaptive sampler shows each of 20 changes in time, with a fifth of the default pictures', async () => {
  const cost = await benchCost(null);
  expect(cost).toMatchObject({ changes: 20, missed: 0, python: null });
  expect(cost.adaptive.pictures).toBeGreaterThanOrEqual(20);
  expect(cost.adaptive.pictures).toBeLessThanOrEqual(cost.sightline.pictures / 5);
  expect(cost.adaptive.tokens).toBe(cost.adaptive.pictures * 258);
}, 180_000);
