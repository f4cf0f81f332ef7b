import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type LumaPicture, shrinkLuma } from '../../src/frames/luma.ts';
import { isLike } from '../../src/scene/likeness.ts';
import { SceneChange, sceneSizeOf } from '../../src/scene/scene-change.ts';
import { GeneratedScreen, LINE_STEP, type ScreenItem } from '../../src/testing/generated-screen.ts';
import { Random } from '../../src/testing/random.ts';
import { walks } from '../support/machines/recorded.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz    ';
const FRAME_MS = 500;

/** Screens of the usual sizes, light and dark, full of lines of text. */
const screens = fc
  .record({
    size: fc.constantFrom({ width: 1920, height: 1080 }, { width: 2560, height: 1440 }),
    isDark: fc.boolean(),
    seed: fc.integer({ min: 1, max: 10_000 }),
  })
  .map(({ size, isDark, seed }) =>
    pageOf(new GeneratedScreen({ ...size, ...(isDark && { paper: 30, ink: 210 }) }), seed),
  );

/** Lines of text for this screen. */
function pageOf(screen: GeneratedScreen, seed: number) {
  const random = new Random(seed);
  const words = (length: number) =>
    Array.from({ length }, () => random.pick([...LETTERS])).join('');
  const lines = Array.from({ length: 45 }, (_, row) => ({
    text: words(40 + Math.floor(random.next() * 60)),
    x: 120,
    y: 60 + row * LINE_STEP,
  }));
  return { screen, lines, words, random };
}

/** A small grey picture of a screen. */
function small(screen: GeneratedScreen, items: readonly ScreenItem[]) {
  const { width, height } = sceneSizeOf('screen');
  return shrinkLuma(screen.showing(items), width, height);
}

/** A function that makes the small picture of each list of items once. */
function pictures(screen: GeneratedScreen) {
  const made = new Map<readonly ScreenItem[], LumaPicture>();
  return (items: readonly ScreenItem[]) => {
    const picture = made.get(items) ?? small(screen, items);
    made.set(items, picture);
    return picture;
  };
}

/** The times of the changes of a screen of which one picture arrives each half second, in ms. */
function changesOf(
  screen: GeneratedScreen,
  seconds: number,
  at: (ms: number) => readonly ScreenItem[],
) {
  const change = new SceneChange();
  const picture = pictures(screen);
  const times: number[] = [];
  for (let ms = 0; ms <= seconds * 1000; ms += FRAME_MS)
    if (change.see(picture(at(ms)), ms, 'screen').changed) times.push(ms);
  return times;
}

/** Begins at three seconds to five in the afternoon. */
const clockAt = (ms: number) => new Date(Date.UTC(2026, 0, 1, 16, 59, 57) + ms);

describe('no change of a screen is', () => {
  test('a cursor that blinks is no change of a screen', () => {
    fc.assert(
      fc.property(screens, fc.constantFrom(2, 8), ({ screen, lines, random }, width) => {
        const { x = 0, y = 0 } = random.pick(lines);
        const cursor = { x: x + 200, y: y - 2, width, height: 18, luma: 128 };
        const withCursor = [...lines, cursor];
        const shown = (ms: number) => (ms % 1000 < 500 ? withCursor : lines);
        expect(changesOf(screen, 4, shown)).toEqual([]);
      }),
      walks(3),
    );
  });

  test('a clock in a corner is no change of a screen, even if all its digits change', () => {
    fc.assert(
      fc.property(screens, ({ screen, lines, random }) => {
        const x = screen.width - 90 - Math.floor(random.next() * 16);
        const y = screen.height - 30 - Math.floor(random.next() * 16);
        const clock = (ms: number) => ({ text: clockAt(ms).toISOString().slice(11, 19), x, y });
        expect(changesOf(screen, 6, (ms) => [...lines, clock(ms)])).toEqual([]);
      }),
      walks(3),
    );
  });

  test('the moving mouse pointer is no change of a screen', () => {
    fc.assert(
      fc.property(screens, ({ screen, lines }) => {
        const pointer = (ms: number) => ({
          ...{ x: 100 + Math.round(ms / 9), y: 90 + Math.round(ms / 11) },
          ...{ width: 12, height: 19, luma: 90 },
        });
        expect(changesOf(screen, 4, (ms) => [...lines, pointer(ms)])).toEqual([]);
      }),
      walks(3),
    );
  });
});

/** What changes on the screens of the property, after two seconds. */
const CHANGES: Record<string, (lines: ScreenItem[], words: (n: number) => string) => ScreenItem[]> =
  {
    'a changed line of text': (lines, words) =>
      lines.map((line, at) => (at === 20 ? { ...line, text: words(30) } : line)),
    'a new line of text': (lines, words) => [...lines, { text: words(30), x: 900, y: 500 }],
    'text that is scrolled by three lines': (lines) =>
      lines.map((line) => ({ ...line, y: line.y - 3 * LINE_STEP })),
    'a dialog that opens': (lines) => [
      ...lines,
      { x: 700, y: 400, width: 400, height: 160, luma: 200 },
      { text: 'Delete the file? Yes No', x: 760, y: 460 },
    ],
  };

describe.each(Object.entries(CHANGES))('%s', (name, changed) => {
  test(`${name} is one change of a screen, and then the screen is settled`, () => {
    fc.assert(
      fc.property(screens, ({ screen, lines, words }) => {
        const after = changed(lines, words);
        const change = new SceneChange();
        const picture = pictures(screen);
        const reports = Array.from({ length: 12 }, (_, n) => {
          const ms = n * FRAME_MS;
          return { ms, ...change.see(picture(ms < 2000 ? lines : after), ms, 'screen') };
        });
        expect(reports.filter((one) => one.changed).map(({ ms }) => ms)).toEqual([2500]);
        expect(reports.filter((one) => one.settled).map(({ ms }) => ms)).toEqual([3000]);
        expect(reports.at(-1)).toMatchObject({ scene: 'quiet', score: 0, pending: false });
      }),
      walks(3),
    );
  });

  test(`${name} makes another picture of a screen`, () => {
    fc.assert(
      fc.property(screens, ({ screen, lines, words }) => {
        const [before, after] = [small(screen, lines), small(screen, changed(lines, words))];
        expect(isLike(before, after, 'screen')).toBe(false);
        expect(isLike(before, small(screen, lines), 'screen')).toBe(true);
      }),
      walks(3),
    );
  });
});

const DARK = { width: 2560, height: 1440, paper: 30, ink: 210 };

test('text on a dark screen is the same after it was compressed again', async () => {
  const { screen, lines } = pageOf(new GeneratedScreen(DARK), 1);
  const { width, height, read } = screen.showing(lines.slice(0, 35));
  const pixels = read(0, width * height);
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 1 } })
    .jpeg({ quality: 50 })
    .toBuffer();
  const again = await sharp(jpeg).greyscale().raw().toBuffer();
  const smallOf = (data: Uint8Array) =>
    shrinkLuma(
      { width, height, stride: width, read: (at, length) => data.subarray(at, at + length) },
      sceneSizeOf('screen').width,
      sceneSizeOf('screen').height,
    );
  expect(isLike(smallOf(pixels), smallOf(again), 'screen')).toBe(true);
});

test.each([210, 110])(
  'a changed line of text on a dark screen makes another picture: letters of luma %i',
  (ink) => {
    for (const seed of [1, 2, 3]) {
      const { screen, lines, words } = pageOf(new GeneratedScreen({ ...DARK, ink }), seed);
      const changed = lines.map((line, at) => (at === 20 ? { ...line, text: words(30) } : line));
      expect(isLike(small(screen, lines), small(screen, changed), 'screen')).toBe(false);
    }
  },
);

test('text that is typed is a change of a screen once it is as long as a few words', () => {
  const screen = new GeneratedScreen();
  const typed = (ms: number) => ({
    text: 'the quick brown fox jumps over the dog'.slice(0, ms / 200),
    x: 300,
    y: 300,
  });
  const [first] = changesOf(screen, 8, (ms) => [typed(ms)]);
  expect(first).toBeGreaterThan(2000);
  expect(first).toBeLessThanOrEqual(5000);
});

test('a screen has to be processed again while a change may begin or end', () => {
  const screen = new GeneratedScreen();
  const change = new SceneChange({ settleMs: 400 });
  const see = (text: string, ms: number) =>
    change.see(small(screen, [{ text, x: 300, y: 300 }]), ms, 'screen');
  expect(see('a line of text as before', 0).pending).toBe(false);
  expect(see('other words in this line', 100)).toMatchObject({ changed: false, pending: true });
  expect(see('other words in this line', 500)).toMatchObject({ changed: true, pending: true });
  expect(see('other words in this line', 900)).toMatchObject({ settled: true, pending: false });
});

test('a threshold of the application applies to screens as well', () => {
  const screen = new GeneratedScreen();
  const change = new SceneChange({ threshold: 0.05 });
  const line = { text: 'a line of text that is long enough', x: 300, y: 300 };
  const dialog = { x: 300, y: 200, width: 900, height: 500, luma: 90 };
  const see = (items: ScreenItem[], ms: number) => change.see(small(screen, items), ms, 'screen');
  for (const [ms, items] of [[], [line], [line]].entries())
    expect(see(items, ms * 1000).changed).toBe(false);
  see([dialog], 4000);
  expect(see([dialog], 5000).changed).toBe(true);
});
