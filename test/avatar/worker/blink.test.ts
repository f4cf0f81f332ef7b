import { expect, test } from 'vitest';
import { Blink } from '../../../src/avatar/worker/blink.ts';

/** The lids in steps of this length, and for how many steps in a row. */
function phases(random: () => number, stepMs: number, steps: number) {
  const blink = new Blink(random);
  const runs: { lids: number; steps: number }[] = [];
  for (let step = 0; step < steps; step++) {
    const lids = blink.move(stepMs);
    const last = runs.at(-1);
    if (last?.lids === lids) last.steps += 1;
    else runs.push({ lids, steps: 1 });
  }
  return runs.map(({ lids, steps: count }) => [lids, count * stepMs]);
}

test('eyes rest at least 1.8 s, and a blink is half shut, shut and half open for 45 ms each', () => {
  const blink = [
    [1, 45],
    [2, 45],
    [1, 45],
  ];
  // The step that ends a blink shows open eyes as well.
  expect(phases(() => 0, 15, 270)).toEqual([
    [0, 1800],
    ...blink,
    [0, 1815],
    ...blink,
    [0, 270 * 15 - 1800 - 1815 - 270],
  ]);
});

test('eyes rest at most 5.2 s, and each rest has a length of its own', () => {
  const rests = [1, 0.5];
  const random = () => rests.shift() ?? 0;
  const open = phases(random, 5, 2500).filter(([lids]) => lids === 0);
  expect(open.slice(0, 3)).toEqual([
    [0, 5200],
    [0, 3505],
    [0, 1805],
  ]);
});

test('a long step does not skip a rest', () => {
  const blink = new Blink(() => 0);
  expect([2000, 10, 2000, 10].map((ms) => blink.move(ms))).toEqual([0, 1, 1, 0]);
});
