import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isOtherScene, PatchReader, patchAround } from '../../src/client/scene-patch.ts';

/** The arguments of each drawing, and the colours that it makes. */
let drawings: number[][];
let canvases: number;
let rgba: Uint8ClampedArray;
let isForeign: boolean;
const pen = {
  imageSmoothingQuality: 'low',
  drawImage: (_video: unknown, ...place: number[]) => drawings.push(place),
  getImageData: (...place: number[]) => {
    if (isForeign) throw new Error('a picture of another origin');
    expect(place).toEqual([0, 0, 16, 16]);
    return { data: rgba };
  },
};
let context: typeof pen | null;

beforeEach(() => {
  [drawings, canvases, isForeign, context] = [[], 0, false, pen];
  rgba = new Uint8ClampedArray(4 * 256);
  vi.stubGlobal('document', {
    createElement: () => {
      canvases += 1;
      return {
        getContext: (kind: string, options: object) => {
          expect([kind, options]).toEqual(['2d', { willReadFrequently: true }]);
          return context;
        },
      };
    },
  });
});
afterEach(() => vi.unstubAllGlobals());

const PLACE = { x: 0.5, y: 0.25, width: 0.25, height: 0.5 };
const video = (more: object = {}) =>
  ({
    ...{ videoWidth: 400, videoHeight: 200, readyState: 2, HAVE_CURRENT_DATA: 2, ...more },
  }) as HTMLVideoElement;

test('a patch is the grey of a part of the picture in 16 by 16 cells, with one canvas for all', () => {
  rgba.set([100, 0, 0, 255, 0, 100, 0, 255, 0, 0, 100, 255, 10, 20, 30, 0]);
  const reader = new PatchReader();
  const patch = reader.read(video(), PLACE);
  expect(drawings).toEqual([[200, 50, 100, 100, 0, 0, 16, 16]]);
  expect(patch).toHaveLength(256);
  expect([...(patch ?? [])].slice(0, 5).map((level) => Math.round(level * 100))).toEqual([
    2990, 5870, 1140, 1815, 0,
  ]);
  reader.read(video(), PLACE);
  expect([canvases, pen.imageSmoothingQuality]).toEqual([1, 'medium']);
});

test('a video without a picture, or one that the browser refuses to read, has no patch', () => {
  const reader = new PatchReader();
  expect(reader.read(video({ videoWidth: 0 }), PLACE)).toBeUndefined();
  expect(reader.read(video({ readyState: 1 }), PLACE)).toBeUndefined();
  expect(canvases).toBe(0);
  isForeign = true;
  expect(reader.read(video(), PLACE)).toBeUndefined();
  context = null;
  expect(reader.read(video(), PLACE)).toBeUndefined();
});

test('a patch has a quarter of its place around it, and a twentieth of the picture at least', () => {
  const { x, y, width, height } = patchAround({ x: 0.4, y: 0.4, width: 0.4, height: 0.04 });
  expect([x, y, width, height].map((side) => Math.round(side * 1000))).toEqual([
    300, 350, 600, 140,
  ]);
  const edge = patchAround({ x: 0.9, y: 0.9, width: 0.1, height: 0.1 });
  expect([edge.x + edge.width, edge.y + edge.height]).toEqual([1, 1]);
});

test('a change of light, of noise and of structure counts from its limit on', () => {
  const flat = (level: number) => new Float32Array(256).fill(level);
  expect(isOtherScene(flat(100), flat(140))).toBe(false);
  expect(isOtherScene(flat(100), flat(141))).toBe(true);
  expect(isOtherScene(flat(100), flat(59))).toBe(true);
  /** Stripes of this contrast around 100. */
  const stripes = (by: number) => flat(100).map((level, at) => level + (at % 2 === 0 ? by : -by));
  expect(isOtherScene(flat(100), stripes(8))).toBe(false);
  expect(isOtherScene(flat(100), stripes(8.1))).toBe(true);
  // The contrast of the first patch is 50, so its limit is 30.
  expect(isOtherScene(stripes(50), stripes(20.1))).toBe(false);
  expect(isOtherScene(stripes(50), stripes(19.9))).toBe(true);
});
