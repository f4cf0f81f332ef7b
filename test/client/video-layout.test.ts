import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { placeInWindow, visiblePart } from '../../src/client/video-layout.ts';

const PLAIN = {
  ...{ borderLeftWidth: '0px', borderRightWidth: '0px' },
  ...{ borderTopWidth: '0px', borderBottomWidth: '0px' },
  ...{ paddingLeft: '0px', paddingRight: '0px', paddingTop: '0px', paddingBottom: '0px' },
  ...{ objectFit: 'contain', objectPosition: '50% 50%', overflow: 'visible' },
  ...{ scale: 'none', rotate: 'none', transform: 'none' },
};

interface PageElement {
  css?: Partial<typeof PLAIN>;
  bounds: { x: number; y: number; width: number; height: number };
  parentElement?: PageElement | null;
}

type Matrix = [a: number, b: number, c: number, d: number];

/** What one function of a transform does. */
function matrixOf(name: string, values: readonly number[]): Matrix {
  const [first = 0, second = first, third = 0, fourth = 0] = values;
  if (name === 'matrix') return [first, second, third, fourth];
  if (name === 'scale') {
    if (values.length > 2) throw new SyntaxError('scale() takes two numbers');
    return [first, 0, 0, second];
  }
  const [sin, cos] = [Math.sin((fourth * Math.PI) / 180), Math.cos((fourth * Math.PI) / 180)];
  // Seen from the front, a turn around another axis only makes the element narrower or lower.
  if (third === 1) return [cos, sin, -sin, cos];
  return second === 1 ? [cos, 0, 0, 1] : [1, 0, 0, cos];
}

/** The browser's matrix of a list of functions. */
class PageMatrix {
  a = 1;
  b = 0;
  c = 0;
  d = 1;
  constructor(functions: string) {
    for (const [, name = '', values = ''] of functions.matchAll(/(\w+)\(([^)]*)\)/g)) {
      const [a, b, c, d] = matrixOf(name, values.split(',').map(Number.parseFloat));
      const before = { ...this };
      this.a = before.a * a + before.c * b;
      this.b = before.b * a + before.d * b;
      this.c = before.a * c + before.c * d;
      this.d = before.b * c + before.d * d;
    }
  }
}

const body: PageElement = { bounds: { x: 0, y: 0, width: 10, height: 10 } };

beforeEach(() => {
  vi.stubGlobal('getComputedStyle', ({ css }: PageElement) => ({ ...PLAIN, ...css }));
  vi.stubGlobal('DOMMatrix', PageMatrix);
  vi.stubGlobal('innerWidth', 1000);
  vi.stubGlobal('innerHeight', 800);
  vi.stubGlobal('document', { body });
});
afterEach(() => vi.unstubAllGlobals());

/** A video of this size, before transforms, whose picture has 200 x 100 pixels. */
function video({ css, bounds, parentElement = null }: PageElement, [width, height] = [200, 100]) {
  const size = { offsetWidth: width, offsetHeight: height, videoWidth: 200, videoHeight: 100 };
  const getBoundingClientRect = () => bounds;
  return { ...size, css, parentElement, getBoundingClientRect } as unknown as HTMLVideoElement;
}

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };
const LEFT_HALF = { x: 0, y: 0, width: 0.5, height: 1 };

/** Without the rounding of sines. */
const rounded = (place: ReturnType<typeof placeInWindow>) =>
  place &&
  Object.fromEntries(Object.entries(place).map(([side, px]) => [side, Math.round(px) + 0]));

test('a picture begins inside the border and the padding of its video, on each side', () => {
  const css = {
    ...{
      borderLeftWidth: '10px',
      paddingLeft: '5px',
      borderRightWidth: '1px',
      paddingRight: '2px',
    },
    ...{ borderTopWidth: '8px', paddingTop: '4px', borderBottomWidth: '3px', paddingBottom: '6px' },
  };
  const bounds = { x: 100, y: 50, width: 218, height: 121 };
  expect(placeInWindow(video({ css, bounds }, [218, 121]), WHOLE)).toEqual({
    ...{ x: 115, y: 62, width: 200, height: 100 },
  });
});

test('a part has its share of the picture, not of the bars beside it', () => {
  const bounds = { x: 0, y: 0, width: 400, height: 100 };
  const part = { x: 0.5, y: 0.25, width: 0.25, height: 0.5 };
  expect(placeInWindow(video({ bounds }, [400, 100]), part)).toEqual({
    ...{ x: 200, y: 25, width: 50, height: 50 },
  });
});

const AT = { x: 100, y: 50, width: 200, height: 100 };
const RIGHT = { x: 200, y: 50, width: 100, height: 100 };

test.each<[string, Partial<typeof PLAIN>]>([
  ['the property scale', { scale: '-1 1' }],
  ['the property scale with a depth', { scale: '-1 1 2' }],
  ['a turn around the vertical axis', { rotate: 'y 180deg' }],
  ['a turn around an axis of three numbers', { rotate: '0 1 0 180deg' }],
  ['a transform', { transform: 'matrix(-1, 0, 0, 1, 7, 9)' }],
])('a video that is mirrored by %s shows its left half at the right', (_, css) => {
  expect(rounded(placeInWindow(video({ css, bounds: AT }), LEFT_HALF))).toEqual(RIGHT);
  // So does one in an element that is mirrored.
  const parentElement = { css, bounds: AT };
  expect(rounded(placeInWindow(video({ bounds: AT, parentElement }), LEFT_HALF))).toEqual(RIGHT);
  // Twice is not at all.
  const twice = video({ css, bounds: AT, parentElement });
  expect(rounded(placeInWindow(twice, LEFT_HALF))).toEqual({ ...AT, width: 100 });
});

test('a video that is turned to the right shows its left half at the top', () => {
  const bounds = { x: 0, y: 0, width: 100, height: 200 };
  const turned = video({ css: { rotate: '90deg' }, bounds });
  expect(rounded(placeInWindow(turned, LEFT_HALF))).toEqual({ ...bounds, height: 100 });
  // A mirror around it comes after the turn.
  const parentElement = { css: { scale: '-1 1' }, bounds };
  const mirrored = video({ css: { rotate: '90deg' }, bounds, parentElement });
  expect(rounded(placeInWindow(mirrored, LEFT_HALF))).toEqual({ ...bounds, height: 100 });
});

test('a video in a zoomed page is as large as its bounding box', () => {
  const zoomed = video({ bounds: { x: 10, y: 20, width: 400, height: 200 } });
  expect(placeInWindow(zoomed, LEFT_HALF)).toEqual({ x: 10, y: 20, width: 200, height: 200 });
});

test('a video without a picture or without a size has no place', () => {
  const shown = video({ bounds: AT });
  expect(placeInWindow(shown, WHOLE)).toBeDefined();
  for (const hidden of [{ videoWidth: 0 }, { offsetWidth: 0 }, { offsetHeight: 0 }])
    expect(placeInWindow({ ...shown, ...hidden }, WHOLE)).toBeUndefined();
});

test('a video is visible in the window, and in the ancestors that cut their content', () => {
  const bounds = { x: 900, y: 700, width: 200, height: 200 };
  const part = (...ancestors: PageElement[]) => {
    const parentElement = ancestors.reduceRight<PageElement | null>(
      (parent, one) => Object.assign(one, { parentElement: parent }),
      null,
    );
    const at = (one: PageElement) =>
      Object.assign(one, { getBoundingClientRect: () => one.bounds });
    for (const one of ancestors) at(one);
    return visiblePart(video({ bounds, parentElement }));
  };
  expect(part()).toEqual({ x: 900, y: 700, width: 100, height: 100 });
  const cuts = (overflow: string, width: number): PageElement => ({
    ...{ css: { overflow }, bounds: { x: 0, y: 0, width, height: 750 } },
  });
  expect(part(cuts('visible', 950))).toEqual({ x: 900, y: 700, width: 100, height: 100 });
  expect(part(cuts('hidden', 950))).toEqual({ x: 900, y: 700, width: 50, height: 50 });
  expect(part(cuts('visible', 10), cuts('auto', 920))).toMatchObject({ width: 20, height: 50 });
  // The body scrolls with the window.
  expect(part(Object.assign(body, { css: { overflow: 'hidden' } }))).toMatchObject({ width: 100 });
});
