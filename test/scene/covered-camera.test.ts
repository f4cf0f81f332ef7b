import { expect, test } from 'vitest';
import { CoveredCamera } from '../../src/scene/covered-camera.ts';

const picture = (...levels: number[]) => {
  const means = new Float32Array(64 * 36).map((_, i) => levels[i % levels.length] ?? 0);
  return { width: 64, height: 36, means, textures: new Float32Array(means.length), edges: 0 };
};
const dark = picture(16, 20);

/** What a camera reports that shows these pictures, one a second. */
const reports = (...pictures: ReturnType<typeof picture>[]) => {
  const camera = new CoveredCamera();
  return pictures.map((one, i) => camera.see(one, i * 1000));
};

test('a camera that is dark for three seconds is reported once, with the time of the first dark picture', () => {
  expect(reports(picture(120), dark, dark, dark, dark, dark, dark)).toEqual([
    ...Array(4).fill(undefined),
    1000,
    ...Array(2).fill(undefined),
  ]);
});

test('a camera that is covered again is reported again', () => {
  const covered = [dark, dark, dark, dark];
  const found = reports(...covered, picture(120), ...covered);
  expect(found.filter((since) => since !== undefined)).toEqual([0, 5000]);
});

test('a camera in a dark room with a lamp, and a bright wall, are not covered', () => {
  const lamp = picture(...Array(20).fill(16), 200);
  expect(reports(...Array(10).fill(lamp))).toEqual(Array(10).fill(undefined));
  expect(reports(...Array(10).fill(picture(180)))).toEqual(Array(10).fill(undefined));
});
