import { expect, test } from 'vitest';
import { ScreenReader, type ScreenWord } from '../../../offline/screen-reader.ts';
import { unsureRegions, withRegion } from '../../../tools/bench/screen/regions.ts';
import { charactersRead } from '../../../tools/bench/screen/score.ts';
import { type Screen, screensOf } from '../../../tools/bench/screen/screens.ts';
import { SharedScreen } from '../../../tools/bench/screen/shared-screen.ts';

const SIZE = { width: 960, height: 540 };
const area = ({ width, height }: typeof SIZE): number => width * height;
const word = (text: string, confidence: number, x: number, y = 0.5): ScreenWord => ({
  ...{ text, confidence, x, y, width: 0.04, height: 0.02 },
});

const line = { text: 'one two', x: 0, y: 0, width: 100, height: 100, font: '', isBoxed: false };
const screen = { name: '', width: 100, height: 100, picture: Buffer.alloc(0), lines: [line] };

test('characters count as read at their place, less the mistakes', () => {
  expect(charactersRead(screen, [word('two', 1, 0.6), word('one', 1, 0.1)])).toBe(6);
  expect(charactersRead(screen, [word('onc', 1, 0.1)])).toBe(2);
  expect(charactersRead(screen, [word('unrelated words', 1, 0.1)])).toBe(0);
  expect(charactersRead({ ...screen, lines: [{ ...line, x: 50 }] }, [word('one', 1, 0.1)])).toBe(0);
});

test('the reader asks for the parts of unsure words only, and joins those beside each other', () => {
  const words = [word('sure', 0.99, 0.1), word('a', 0.3, 0.5), word('b', 0.3, 0.55)];
  const [region, ...others] = unsureRegions(words, SIZE, area);
  expect(others).toEqual([]);
  expect(region?.x).toBeGreaterThan(0.4);
  expect(region && region.x + region.width).toBeGreaterThan(0.58);
  expect(unsureRegions([word('sure', 0.99, 0.1)], SIZE, area)).toEqual([]);
});

test('of two words at one place, the surer one counts', () => {
  const region = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
  const before = [word('left', 0.9, 0.1), word('rihgt', 0.4, 0.7, 0.7)];
  const better = withRegion(before, region, [word('right', 0.9, 0.4, 0.4)]);
  expect(better.map(({ text }) => text)).toEqual(['left', 'right']);
  expect(better[1]?.x).toBeCloseTo(0.7);
  expect(withRegion(before, region, [word('wrong', 0.3, 0.4, 0.4)])).toEqual(before);
  expect(withRegion(before, region, [])).toEqual(before);
});

test('a screen is read from the picture of a turn, and a region is of the same frame', async () => {
  const reader = await ScreenReader.start();
  const shared = await SharedScreen.open(SIZE);
  try {
    const { value } = await screensOf(SIZE).next();
    const shown = value as Screen;
    const {
      frame,
      pictures: [picture],
    } = await shared.ask(shown);
    const characters = shown.lines.reduce(
      (sum, { text }) => sum + text.replaceAll(' ', '').length,
      0,
    );
    expect(charactersRead(shown, await reader.words(picture))).toBeGreaterThan(0.9 * characters);
    const region = { x: 0, y: 0, width: 1, height: 0.5 };
    const part = await shared.video.look({ source: 'screen', region, frameId: frame.id });
    expect(part).toMatchObject({ id: frame.id, wasShown: true, width: 960, height: 270 });
  } finally {
    await shared.close();
    await reader.close();
  }
}, 180_000);
