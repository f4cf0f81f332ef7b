import type { BenchResult, ScreenFigures } from '../result.ts';
import { fixed, table } from './markdown.ts';

const WAYS = [
  ['regions', 'a turn, and regions'],
  ['tiles', 'a turn with four tiles'],
  ['profile', 'a turn'],
  ['python', 'inside 1024x1024, as in Python'],
] as const;

export function screenSection({ screen }: BenchResult): string[] {
  if (!screen) return [];
  const rows = Object.entries(screen).flatMap(([height, figures]) =>
    WAYS.map(([way, name]) => [
      height,
      name,
      `${fixed((figures[way].read / figures[way].characters) * 100, 1)} %`,
      fixed(figures[way].bytes / 1000, 0),
      figures[way].tokens,
      fixed(shareOfNative(figures, way), 2),
    ]),
  );
  return [
    '## What can be read of a shared screen',
    'Generated screens of an editor, a spreadsheet, a form and a terminal, with text of 11 to 16 pixels, light and ' +
      'dark. An OCR engine reads the pictures, and asks with `look({ region })` for the parts of which it is unsure. ' +
      'Tokens are those of GPT-5.4, which are proportional to the pixels. A model reads better or worse than this ' +
      'engine, and its provider may scale the pictures down.',
    table(
      ['screen', 'pictures', 'characters read', 'kB', 'tokens', 'of the tokens of all pixels'],
      rows,
    ),
  ];
}

/** The tokens of these pictures, compared with those of the unscaled screens. */
export const shareOfNative = (figures: ScreenFigures, way: (typeof WAYS)[number][0]): number =>
  figures[way].tokens / figures.native.tokens;
