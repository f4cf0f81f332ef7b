import type { Size } from '../../../src/frames/geometry.ts';
import type { Random } from '../../../src/testing/random.ts';

export type Layout = 'editor' | 'spreadsheet' | 'form' | 'terminal';

/** A line of text, and its place in pixels. */
export interface TextLine {
  readonly text: string;
  readonly x: number;
  /** Of the upper edge. */
  readonly y: number;
  /** No other text is in this width. */
  readonly width: number;
  readonly height: number;
  readonly font: string;
  /** It has a frame, like a field of a form. */
  readonly isBoxed: boolean;
}

interface Page extends Size {
  readonly fontSize: number;
  readonly random: Random;
}

type Put = (text: string, x: number, y: number, width: number) => TextLine;

const MONO = 'DejaVu Sans Mono, monospace';
const SANS = 'DejaVu Sans, Liberation Sans, sans-serif';
const WORDS = (
  'account order server update window network report customer delivery invoice session picture ' +
  'language database request answer project market station garden summer winter travel family ' +
  'letter number record system change result minute second budget engine planet river'
).split(' ');
const KEYS = ['const', 'return', 'await', 'import', 'function', 'export'] as const;

/** The text of a window of this kind. */
export function layOut(layout: Layout, page: Page): TextLine[] {
  const { fontSize } = page;
  const isMono = layout === 'editor' || layout === 'terminal';
  const put: Put = (text, x, y, width) => ({
    ...{ text, x, y, width, height: Math.round(fontSize * 1.4) },
    font: isMono ? MONO : SANS,
    isBoxed: layout === 'form' && x > page.width / 8,
  });
  return LAYOUTS[layout](page, put);
}

const LAYOUTS: Readonly<Record<Layout, (page: Page, put: Put) => TextLine[]>> = {
  editor: ({ width, height, fontSize, random }, put) => {
    const step = Math.round(fontSize * 1.5);
    const left = Math.round(width / 6);
    return rows(height, step, 24).flatMap((y, row) => {
      const file = row < 8 ? [put(`${words(random, 1)}.ts`, 24, y, left - 40)] : [];
      if (random.next() < 0.2) return file;
      const indent = 2 * Math.floor(random.next() * 4);
      const code = `${random.pick(KEYS)} ${words(random, 2 + Math.floor(random.next() * 5))}`;
      const x = Math.round(left + indent * fontSize * 0.6);
      return [...file, put(code, x, y, width - x)];
    });
  },
  spreadsheet: ({ width, height, fontSize, random }, put) => {
    const column = Math.round(fontSize * 11);
    const columns = Math.min(8, Math.floor((width - 40) / column));
    return rows(height, fontSize * 2, 14).flatMap((y) =>
      Array.from({ length: columns }, (_, at) => {
        const isName = at % 4 === 0;
        const text = isName ? words(random, 1) : String(Math.floor(100 + random.next() * 99_900));
        return put(text, 40 + at * column, y, column);
      }),
    );
  },
  form: ({ width, height, fontSize, random }, put) =>
    rows(height, fontSize * 4, 8).flatMap((y) => {
      const left = Math.round(width / 10);
      const field = Math.round(width / 4);
      return [
        put(words(random, 2), left, y, field - left - 20),
        put(words(random, 3), field, y, Math.min(Math.round(width / 3), fontSize * 40)),
      ];
    }),
  terminal: ({ width, height, fontSize, random }, put) =>
    rows(height, Math.round(fontSize * 1.3), 22).map((y) =>
      put(
        `${Math.floor(10 + random.next() * 89)}:${Math.floor(10 + random.next() * 49)} ${words(random, 4 + Math.floor(random.next() * 5))}`,
        16,
        y,
        width - 16,
      ),
    ),
};

/** The upper edges of as many lines as fit, in pixels. */
const rows = (height: number, step: number, most: number): number[] =>
  Array.from(
    { length: Math.min(most, Math.floor((height - 80) / step)) },
    (_, at) => 60 + at * step,
  );

const words = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.pick(WORDS)).join(' ');
