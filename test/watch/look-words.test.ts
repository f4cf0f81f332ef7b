import { expect, test } from 'vitest';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import { partNote, shownBy } from '../../src/watch/look-words.ts';

const frame = (more: Partial<SeenFrame>) => ({ source: 'screen', ...more }) as SeenFrame;
const region = { x: 0, y: 0, width: 0.5, height: 0.5 };
const PLACES = ' Places are still shares of the whole picture.';

test('a look names what it shows', () => {
  expect(shownBy(frame({}))).toBe('picture of the screen');
  expect(shownBy(frame({ region }))).toBe('part of the screen');
  expect(shownBy(frame({ source: 'unknown' }))).toBe('picture of the video');
});

test('a part is explained: of which picture it is, and how places are given in it', () => {
  expect(partNote(frame({}), { frameId: 3 } as never)).toBe('');
  expect(partNote(frame({ region, wasShown: true }), { frameId: 3 } as never)).toBe(PLACES);
  expect(partNote(frame({ region, wasShown: false }), {} as never)).toBe(
    ` It is a part of a fresh picture.${PLACES}`,
  );
  expect(partNote(frame({ region, wasShown: false }), { frameId: 0 } as never)).toBe(
    ` It is a part of a fresh picture, because picture 0 is no longer kept.${PLACES}`,
  );
});
