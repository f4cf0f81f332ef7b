import { expect, test } from 'vitest';
import { type LumaPicture, shrinkLuma } from '../../src/frames/luma.ts';
import { SCENE_SIZE } from '../../src/scene/scene-change.ts';
import { deviation, VisibilityWatch } from '../../src/scene/visibility.ts';
import { GeneratedVideo } from '../../src/testing/generated-video.ts';

test('a visibility lasts from the last picture that had another one', () => {
  const picture = (video: GeneratedVideo, at: number) =>
    shrinkLuma(video.at(at), SCENE_SIZE.width, SCENE_SIZE.height);
  const clear = new GeneratedVideo();
  const whole = { left: 0, top: 0, width: 1, height: 1, ink: [30, 30] as const };
  const covered = new GeneratedVideo({ patches: () => [whole] });
  const watch = new VisibilityWatch();
  expect(watch.see(picture(clear, 0), 0)).toBe('clear');
  expect(watch.see(picture(covered, 900), 900)).toBe('clear');
  // The camera may have been covered just after the first picture.
  expect(watch.see(picture(covered, 1000), 1000)).toBe('covered');
});

/** A picture of two blocks whose lumas differ by twice the spread. `noise` makes it another one. */
const blocks = (spread: number, edges: number, noise = 0): LumaPicture => ({
  ...{ width: 2, height: 1, edges, textures: Float32Array.of(0, 0) },
  means: Float32Array.of(100 + spread + noise, 100 - spread + noise),
});

/** What a watch reports of pictures that come every 100 ms. */
function watching() {
  const watch = new VisibilityWatch();
  let at = 0;
  const see = (ms: number, spread: number, edges: number, isStill = false) => {
    let seen = watch.visibility;
    for (const end = at + ms; at < end; at += 100)
      seen = watch.see(blocks(spread, edges, isStill ? 0 : (at / 100) % 2), at);
    return seen;
  };
  return { watch, see };
}

test('each state is reported after its own time, and a clear picture sooner', () => {
  for (const [name, lasts, spread, edges, isStill] of [
    ['covered', 1000, 1, 0.01, false],
    ['frozen', 3000, 20, 0.2, true],
    ['blurred', 1500, 20, 0.05, false],
  ] as const) {
    const { see } = watching();
    expect(see(2000, 20, 0.2)).toBe('clear');
    expect([name, see(lasts - 200, spread, edges, isStill)]).toEqual([name, 'clear']);
    expect(see(300, spread, edges, isStill)).toBe(name);
    expect(see(200, 20, 0.2)).toBe(name);
    expect(see(300, 20, 0.2)).toBe('clear');
  }
});

test('a state that is reached needs more to end than it needed to begin', () => {
  const { see } = watching();
  see(1000, 20, 0.2);
  expect(see(2000, 7, 0.01)).not.toBe('covered');
  expect(see(2000, 5, 0.01)).toBe('covered');
  expect(see(2000, 8, 0.01)).toBe('covered');
  expect(see(2000, 10, 0.2)).toBe('clear');
  expect(see(2000, 20, 0.08)).toBe('clear');
  expect(see(2000, 20, 0.05)).toBe('blurred');
  expect(see(2000, 20, 0.08)).toBe('blurred');
  expect(see(2000, 20, 0.15)).toBe('clear');
});

test('a blank picture with edges, such as small print, is not covered', () => {
  const { see } = watching();
  expect(see(3000, 1, 0.06)).toBe('clear');
});

test('the usual edges follow a clear scene slowly, and are those of a new scene at once', () => {
  const { watch, see } = watching();
  see(1000, 20, 0.2);
  watch.adopt(blocks(20, 0.05));
  expect(see(3000, 20, 0.05)).toBe('clear');
  const slow = watching();
  slow.see(1000, 20, 0.2);
  // In two minutes at half of the edges, these become the usual ones.
  expect(slow.see(120_000, 20, 0.1)).toBe('clear');
  expect(slow.see(3000, 20, 0.05)).toBe('clear');
  expect(slow.see(3000, 20, 0.02)).toBe('blurred');
});

test('a scene without edges cannot look blurred', () => {
  const { see } = watching();
  see(1000, 20, 0.0009);
  expect(see(3000, 20, 0)).toBe('clear');
});

test('the deviation of equal values is 0, and of others the root of the mean square', () => {
  expect(deviation(Float32Array.of(3, 3, 3))).toBe(0);
  expect(deviation(Float32Array.of(1, 5, 1, 5))).toBe(2);
});
