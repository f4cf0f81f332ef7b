import { expect, test } from 'vitest';
import { type LumaPicture, shrinkLuma } from '../../src/frames/luma.ts';
import { adaptiveSampler } from '../../src/sampling/adaptive-sampler.ts';
import type { Sampler } from '../../src/sampling/sampler.ts';
import { onChange } from '../../src/sampling/samplers.ts';
import { likenessSizeOf } from '../../src/scene/likeness.ts';
import { GeneratedScreen, type ScreenItem } from '../../src/testing/generated-screen.ts';

const screen = new GeneratedScreen({ width: 1280, height: 720 });
const FRAME_MS = 500;

/** The screen with its clock and its cursor, whose line of text changes after four seconds. */
function itemsAt(ms: number): ScreenItem[] {
  const cursor = { x: 500, y: 298, width: 2, height: 16, luma: 40 };
  return [
    { text: ms < 4000 ? 'the price is ten euros' : 'now it costs a lot more', x: 300, y: 300 },
    { text: `10:46:${String(10 + Math.floor(ms / 1000))}`, x: 1200, y: 700 },
    ...(ms % 1000 < 500 ? [cursor] : []),
  ];
}

/** The times of the frames that the model gets within 10 s, in ms. */
function taken(sampler: Sampler): number[] {
  const times: number[] = [];
  let sentLuma: LumaPicture | undefined;
  for (let now = 0; now < 10_000; now += FRAME_MS) {
    const luma = (width: number, height: number) =>
      shrinkLuma(screen.showing(itemsAt(now)), width, height);
    const last = times.at(-1);
    const sinceLastMs = last === undefined ? null : now - last;
    const isTaken = sampler({
      ...{ now, source: 'screen', sourceId: 'linked/screen', width: 1280, height: 720 },
      ...{ user: 'speaking', agent: 'listening', sinceLastMs, sinceSentMs: sinceLastMs },
      ...{ luma, sentLuma },
    });
    if (!isTaken) continue;
    times.push(now);
    const { width, height } = likenessSizeOf('screen');
    sentLuma = luma(width, height);
  }
  return times;
}

test('onChange takes a changed line of text of a screen, and neither a cursor nor a clock', () => {
  const times = taken(onChange({ minFps: 0, maxFps: 2 }));
  expect(times[0]).toBe(0);
  expect(times[1]).toBeGreaterThanOrEqual(4000);
  expect(times[1]).toBeLessThanOrEqual(5000);
  expect(times.at(-1)).toBeLessThanOrEqual(6000);
});

test('adaptiveSampler takes a changed line of text of a screen, and neither a cursor nor a clock', () => {
  expect(taken(adaptiveSampler())).toEqual([0, 4000]);
});
