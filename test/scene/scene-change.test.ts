import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { shrinkLuma } from '../../src/frames/luma.ts';
import { SCENE_SIZE, SceneChange, type SceneReport } from '../../src/scene/scene-change.ts';
import { GeneratedVideo, type Patch } from '../../src/testing/generated-video.ts';
import { walks } from '../support/machines/recorded.ts';

const FRAME_MS = 200;

/** All reports about a video between two times. */
function watch(video: GeneratedVideo, seconds: number, change = new SceneChange(), from = 0) {
  const told: (SceneReport & { at: number })[] = [];
  for (let at = from; at <= from + seconds * 1000; at += FRAME_MS) {
    const picture = shrinkLuma(video.at(at), SCENE_SIZE.width, SCENE_SIZE.height);
    told.push({ at, ...change.see(picture, at) });
  }
  return told;
}

const changes = (told: readonly (SceneReport & { at: number })[]) =>
  told.filter(({ changed }) => changed).map(({ at }) => at);

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** A patch that is shown between two times. */
const shown = (patch: Patch, from: number, to = Number.POSITIVE_INFINITY) => ({
  patches: (ms: number) => (ms >= from && ms < to ? [patch] : []),
});

const SHEET: Patch = { left: 0.3, top: 0.3, width: 0.35, height: 0.4, ink: [235, 20] };

describe('no change is', () => {
  test('noise, drifting light and small moving things are no change', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        between(0, 8),
        between(0, 25),
        between(20_000, 120_000),
        between(0.02, 0.3),
        (seed, noise, swing, periodMs, speed) => {
          const video = new GeneratedVideo({
            seed,
            noise,
            light: (ms) => swing * Math.sin((2 * Math.PI * ms) / periodMs),
            patches: (ms) => [
              {
                left: ((ms / 1000) * speed) % 1,
                top: 0.5 + 0.3 * Math.sin(ms / 3000),
                width: 0.05,
                height: 0.09,
                ink: [20, 230],
              },
            ],
          });
          expect(changes(watch(video, 40))).toEqual([]);
        },
      ),
      walks(10),
    );
  });

  test('a large object that only passes by is no change', () => {
    const video = new GeneratedVideo(shown(SHEET, 4000, 4300));
    expect(changes(watch(video, 10))).toEqual([]);
  });
});

describe('a change is', () => {
  test('a change is reported once, soon after a large object stays, and again when it goes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        between(0, 0.6),
        between(0, 0.6),
        between(0.22, 0.4),
        between(0, 6),
        (seed, left, top, size, noise) => {
          const patch: Patch = { left, top, width: size, height: size, ink: [225, 222] };
          const video = new GeneratedVideo({ seed, noise, ...shown(patch, 5000, 15_000) });
          const [came, went, ...others] = changes(watch(video, 25));
          expect(others).toEqual([]);
          expect(came).toBeGreaterThanOrEqual(5000);
          expect(came).toBeLessThanOrEqual(5400 + 2 * FRAME_MS);
          expect(went).toBeGreaterThanOrEqual(15_000);
          expect(went).toBeLessThanOrEqual(15_400 + 2 * FRAME_MS);
        },
      ),
      walks(10),
    );
  });

  test('a change is settled after its report, and then the scene is quiet', () => {
    const told = watch(new GeneratedVideo(shown(SHEET, 2000)), 20);
    const settled = told.filter((one) => one.settled).map(({ at }) => at);
    expect(settled).toHaveLength(1);
    expect(settled[0]).toBeGreaterThan(changes(told)[0] ?? Number.POSITIVE_INFINITY);
    expect(told.at(-1)).toMatchObject({ scene: 'quiet', score: 0, visibility: 'clear' });
  });

  test.each([400, 2000])('a change is settled after %i ms without motion', (settleMs) => {
    const video = new GeneratedVideo(shown(SHEET, 2000));
    const told = watch(video, 20, new SceneChange({ settleMs }));
    const [changedAt = 0] = changes(told);
    const settledAt = told.find(({ settled }) => settled)?.at;
    expect(settledAt).toBe(changedAt + settleMs);
  });

  test('a change is reported repeatedly if the scene never gets quiet, but not with every frame', () => {
    const video = new GeneratedVideo({
      patches: (ms) => [{ ...SHEET, left: 0.5 * Math.abs(Math.sin(ms / 700)) }],
    });
    const told = changes(watch(video, 60));
    expect(told.length).toBeGreaterThan(1);
    expect(told.length).toBeLessThanOrEqual(8);
  });

  test('a change is measured as a share of the picture', () => {
    fc.assert(
      fc.property(between(0, 0.9), between(0.01, 0.6), (left, size) => {
        const patch: Patch = { left, top: 0.1, width: size, height: size, ink: [230, 20] };
        for (const { score } of watch(new GeneratedVideo(shown(patch, 1000)), 3)) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
      walks(15),
    );
  });

  test('a change is found in the same way in the same pictures', () => {
    const tell = () => watch(new GeneratedVideo({ seed: 7, ...shown(SHEET, 1000) }), 5);
    expect(tell()).toEqual(tell());
  });
});

describe('the visibility', () => {
  const clear = new GeneratedVideo();
  const from = 5000;

  /** The visibility reports that follow on five clear seconds, each once. */
  function views(video: GeneratedVideo, seconds: number) {
    const change = new SceneChange();
    watch(clear, 4.8, change);
    const seen = watch(video, seconds, change, from).map(({ visibility }) => visibility);
    return seen.filter((visibility, i) => visibility !== seen[i - 1]);
  }
  const all = { left: 0, top: 0, width: 1, height: 1 };

  test('the visibility is covered after one second of a blank picture, not after a passing hand', () => {
    const hand = shown({ ...all, ink: [30, 30] }, from, from + 4000);
    expect(views(new GeneratedVideo(hand), 8)).toEqual(['clear', 'covered', 'clear']);
    const wave = shown({ ...all, ink: [30, 30] }, from, from + 600);
    expect(views(new GeneratedVideo(wave), 8)).toEqual(['clear']);
  });

  test('a camera that becomes covered is a change', () => {
    const change = new SceneChange();
    watch(clear, 4.8, change);
    const hand = new GeneratedVideo(shown({ ...all, ink: [30, 30] }, from, from + 4000));
    expect(changes(watch(hand, 8, change, from)).length).toBeGreaterThanOrEqual(2);
  });

  test('the visibility is frozen if not even the noise changes for three seconds', () => {
    const change = new SceneChange();
    watch(clear, 4.8, change);
    const still = shrinkLuma(clear.at(from), SCENE_SIZE.width, SCENE_SIZE.height);
    const seen = Array.from(
      { length: 25 },
      (_, i) => change.see(still, from + i * FRAME_MS).visibility,
    );
    expect(seen.indexOf('frozen') * FRAME_MS).toBeGreaterThanOrEqual(2800);
    expect(seen.at(-1)).toBe('frozen');
    expect(watch(clear, 1, change, from + 6000).at(-1)?.visibility).toBe('clear');
  });

  test('the visibility is blurred if the edges are gone', () => {
    const change = new SceneChange();
    watch(clear, 4.8, change);
    const seen = Array.from({ length: 20 }, (_, i) => {
      const at = from + i * FRAME_MS;
      const picture = shrinkLuma(clear.at(at), SCENE_SIZE.width, SCENE_SIZE.height);
      return change.see({ ...picture, edges: picture.edges * 0.1 }, at);
    });
    expect(seen.at(-1)?.visibility).toBe('blurred');
    expect(seen.some(({ changed }) => changed)).toBe(false);
    expect(watch(clear, 1, change, from + 5000).at(-1)?.visibility).toBe('clear');
  });
});

test('a new scene with fewer edges than the one before it is not blurred', () => {
  const change = new SceneChange();
  watch(new GeneratedVideo(), 4.8, change);
  const other = new GeneratedVideo({ seed: 99 });
  const seen = Array.from({ length: 40 }, (_, i) => {
    const at = 5000 + i * FRAME_MS;
    const picture = shrinkLuma(other.at(at), SCENE_SIZE.width, SCENE_SIZE.height);
    return change.see({ ...picture, edges: picture.edges * 0.1 }, at);
  });
  expect(seen.some(({ changed }) => changed)).toBe(true);
  expect(seen.at(-1)?.visibility).toBe('clear');
});

test('invalid options are named', () => {
  for (const threshold of [0, 2, Number.NaN])
    expect(() => new SceneChange({ threshold })).toThrow(OptionError);
  expect(() => new SceneChange({ settleMs: -1 })).toThrow(/settleMs is -1/);
});

test('another picture size starts again from zero, and so does reset', () => {
  const change = new SceneChange();
  watch(new GeneratedVideo(), 2, change);
  const small = shrinkLuma(new GeneratedVideo({ width: 20, height: 12 }).at(0), 32, 18);
  expect(change.see(small, 3000)).toMatchObject({ score: 0, changed: false });
  change.reset();
  expect(changes(watch(new GeneratedVideo({ seed: 99 }), 2, change, 4000))).toEqual([]);
});

test('after reset, a camera with fewer edges than the one before it is not blurred', () => {
  const change = new SceneChange();
  const video = new GeneratedVideo();
  watch(video, 4, change);
  change.reset();
  const seen = Array.from({ length: 20 }, (_, i) => {
    const at = 5000 + i * FRAME_MS;
    const picture = shrinkLuma(video.at(at), SCENE_SIZE.width, SCENE_SIZE.height);
    return change.see({ ...picture, edges: picture.edges * 0.1 }, at).visibility;
  });
  expect(new Set(seen)).toEqual(new Set(['clear']));
});
