import type { Patch } from '../../../src/testing/generated-video.ts';
import { Random } from '../../../src/testing/random.ts';

/** An object that is shown for a while. */
export interface ScriptedEvent {
  readonly from: number;
  readonly to: number;
  readonly patch: Patch;
}

/** How long an event is shown, in ms. */
const EVENT_MS = 12_000;

/** Events with quiet time before each and after the last; sizes and places differ. */
export function scriptedEvents(count: number, quietMs: number, seed: number): ScriptedEvent[] {
  const random = new Random(seed);
  const gapMs = quietMs / (count + 1);
  return Array.from({ length: count }, (_, n) => {
    const from = Math.round(n * (gapMs + EVENT_MS) + gapMs);
    const width = 0.22 + 0.18 * random.next();
    const height = 0.25 + 0.25 * random.next();
    const left = random.next() * (1 - width);
    const top = random.next() * (1 - height);
    const ink = [200 + 35 * random.next(), 20 + 40 * random.next()] as const;
    return { from, to: from + EVENT_MS, patch: { left, top, width, height, ink } };
  });
}

/** Small things that move all the time and do not count: a fly, a leaf, a toy. */
export function meaninglessThings(ms: number): Patch[] {
  const share = (periodMs: number, shift = 0) => 0.5 + 0.48 * Math.sin(ms / periodMs + shift);
  return [
    { left: share(2300), top: share(3100, 1), width: 0.045, height: 0.08, ink: [230, 30] },
    { left: share(900, 2), top: share(7000), width: 0.03, height: 0.05, ink: [20, 60] },
    { left: (ms / 8000) % 1, top: 0.85, width: 0.05, height: 0.09, ink: [25, 220] },
  ];
}

/** Sun and clouds: slow changes up and down, in levels of luma. */
export const driftingLight = (ms: number): number =>
  22 * Math.sin(ms / 95_000) + 8 * Math.sin(ms / 21_000);
