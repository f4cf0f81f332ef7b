import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RESIZE } from '../../src/defaults.ts';
import { OptionError } from '../../src/errors.ts';
import type { ResizeStrategy } from '../../src/frames/geometry.ts';
import { place, resizedGeometry, withoutEnlarging } from '../../src/frames/geometry.ts';

/** Results of livekit-agents 1.8.9. `content` is left, top, right, bottom. */
interface Reference {
  cases: {
    source: [number, number];
    box: [number, number];
    strategy: ResizeStrategy;
    result: { width: number; height: number; content?: [number, number, number, number] };
  }[];
}

const reference: Reference = JSON.parse(
  readFileSync(new URL('../data/geometry-reference.json', import.meta.url), 'utf8'),
);
const size = (width: number, height: number) => ({ width, height });
const side = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 8 }));
const anySize = fc.record({ width: side, height: side });
const anyBox = fc.record({
  width: side,
  height: side,
  strategy: fc.constantFrom(...RESIZE.strategy.choices),
});

it('the geometry equals every case of the Python framework', () => {
  expect(reference.cases).toHaveLength(200);
  for (const { source, box, strategy, result } of reference.cases) {
    const { width, height } = result;
    const [left, top, right, bottom] = result.content ?? [0, 0, width, height];
    expect(
      resizedGeometry(size(...source), { ...size(...box), strategy }),
      `${source} into ${box} by ${strategy}`,
    ).toEqual({ width, height, content: { left, top, width: right - left, height: bottom - top } });
  }
});

it.each([
  // Python truncates after a quotient that is not exact.
  [size(640, 480), size(328, 400), 'scale_aspect_fit', size(328, 245)],
  // Python raises an error for these.
  [size(4000, 2), size(1024, 1024), 'scale_aspect_fit', size(1024, 1)],
  [size(2, 4000), size(1024, 1024), 'scale_aspect_fit', size(1, 1024)],
  [size(4000, 2), size(100, 100), 'center_aspect_fit', size(100, 100)],
] as const)('%j into %j by %s is %j', (source, box, strategy, expected) => {
  expect(resizedGeometry(source, { ...box, strategy })).toMatchObject(expected);
});

it('a cover that truncation leaves short of its box has no black line', () => {
  const box = { ...size(448, 252), strategy: 'center_aspect_cover' } as const;
  expect(place(size(1280, 720), box).picture).toEqual({ left: 0, top: 0, ...size(448, 252) });
});

describe('for any source and box', () => {
  it('for any source and box the sides are whole and at least 1, and the content lies inside', () => {
    fc.assert(
      fc.property(anySize, anyBox, (source, box) => {
        const { width, height, content } = resizedGeometry(source, box);
        for (const value of [width, height, content.width, content.height]) {
          expect(Number.isInteger(value) && value >= 1).toBe(true);
        }
        expect(content.left >= 0 && content.left + content.width <= width).toBe(true);
        expect(content.top >= 0 && content.top + content.height <= height).toBe(true);
      }),
    );
  });

  it('for any source and box a fit is no larger, and a cover at most the truncated pixel smaller', () => {
    fc.assert(
      fc.property(anySize, anyBox, (source, box) => {
        const fit = resizedGeometry(source, { ...box, strategy: 'scale_aspect_fit' });
        expect(fit.width <= box.width && fit.height <= box.height).toBe(true);
        const cover = resizedGeometry(source, { ...box, strategy: 'scale_aspect_cover' });
        expect(cover.width >= box.width - 1 && cover.height >= box.height - 1).toBe(true);
      }),
    );
  });

  it('for any source and box bars and crops are even, up to one odd pixel', () => {
    fc.assert(
      fc.property(anySize, anyBox, (source, box) => {
        for (const strategy of ['center_aspect_fit', 'center_aspect_cover'] as const) {
          const { width, height, picture } = place(source, { ...box, strategy });
          expect([width, height]).toEqual([box.width, box.height]);
          const right = width - picture.left - picture.width;
          const bottom = height - picture.top - picture.height;
          expect([0, 1]).toContain(right - picture.left);
          expect([0, 1]).toContain(bottom - picture.top);
          // Either bars or a crop.
          const sign = strategy === 'center_aspect_fit' ? 1 : -1;
          for (const gap of [picture.left, picture.top, right, bottom]) {
            expect(gap * sign).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });

  it('for any source and box no side grows without enlarging', () => {
    fc.assert(
      fc.property(anySize, anyBox, (source, box) => {
        const { picture } = place(source, withoutEnlarging(source, box));
        expect(picture.width <= source.width && picture.height <= source.height).toBe(true);
      }),
    );
  });
});

describe('invalid geometry', () => {
  const box = { width: 10, height: 10, strategy: 'skew' } as const;

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'a side of %s is refused',
    (value) => {
      expect(() => resizedGeometry(size(value, 1), box)).toThrow(OptionError);
      expect(() => resizedGeometry(size(1, value), box)).toThrow(/^source.height is/);
      expect(() => resizedGeometry(size(1, 1), { ...box, width: value })).toThrow(
        /^resize.width is/,
      );
      expect(() => resizedGeometry(size(1, 1), { ...box, height: value })).toThrow(OptionError);
    },
  );

  it('a missing size is refused with its form', () => {
    const missing = undefined as never;
    expect(() => resizedGeometry(missing, box)).toThrow(OptionError);
    expect(() => resizedGeometry(missing, box)).toThrow(
      'source is undefined: pass the size of the picture: { width, height } in pixels',
    );
    expect(() => resizedGeometry(size(1, 1), missing)).toThrow(
      'resize is undefined: pass the size to meet: { width, height, strategy } in pixels',
    );
  });

  it('an unknown strategy is refused with the known ones', () => {
    const strategy = 'contain' as ResizeStrategy;
    expect(() => resizedGeometry(size(1, 1), { ...box, strategy })).toThrow(/scale_aspect_fit/);
    expect(() => resizedGeometry(size(1, 1), { ...box, strategy })).toThrow(OptionError);
  });
});
