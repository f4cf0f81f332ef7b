import { expect, test } from 'vitest';
import type { LumaPicture } from '../../src/frames/luma.ts';
import { CameraBackground } from '../../src/scene/background.ts';
import { ScreenBackground } from '../../src/scene/screen-background.ts';

/** A picture of 20x20 cells whose upper half has these values. */
function picture({ mean = 60, texture = 5 } = {}): LumaPicture {
  const half = (value: number, rest: number) =>
    new Float32Array(400).map((_, cell) => (cell < 160 ? value : rest));
  const size = { width: 20, height: 20 };
  return { ...size, means: half(mean, 60), textures: half(texture, 5), edges: 0.1 };
}

test.each([{ mean: 200 }, { texture: 120 }])(
  'a scene of a camera that was adopted differs no longer: %j',
  (change) => {
    const background = new CameraBackground(picture(), 0);
    expect(background.compare(picture(change), 10, 0).differing).toBeGreaterThan(0.3);
    background.adopt(picture(change));
    expect(background.compare(picture(change), 20, 0)).toEqual({ lasting: 0, differing: 0 });
  },
);

test('a change after a scene was adopted has to last as long as the first one', () => {
  const background = new CameraBackground(picture(), 0);
  background.compare(picture({ mean: 200 }), 100, 1000);
  expect(background.compare(picture({ mean: 200 }), 1100, 1000).lasting).toBeGreaterThan(0.3);
  background.adopt(picture({ mean: 200 }));
  expect(background.compare(picture(), 1200, 1000)).toMatchObject({ lasting: 0 });
  expect(background.compare(picture(), 2200, 1000).lasting).toBeGreaterThan(0.3);
});

test('a change of a screen that is too small to be reported is part of it after half a minute', () => {
  const background = new ScreenBackground(picture(), 0);
  const changed = picture({ mean: 200 });
  const differing = (at: number) => background.compare(changed, at, 0).differing;
  expect([differing(1000), differing(31_000)].every((share) => share > 0.3)).toBe(true);
  expect(differing(31_001)).toBe(0);
});
