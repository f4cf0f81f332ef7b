/**
 * Letters as strokes. A machine without a font (a slim container) draws SVG text as nothing at all,
 * and the offline reader would then see an empty sheet: so the demo brings its own.
 */

/** Stroke width of a letter, in its own units. */
const STROKE = 17;
/** Height of a letter's centre lines; with the stroke around them a letter is about 100 high. */
const HEIGHT = 84;
/** Between two letters, and for a space. */
const GAP = 15;
const SPACE = 34;
/** Between the tops of two lines. */
const LEADING = HEIGHT + STROKE + 34;

/** Width of the centre lines and the path, drawn from the top left corner. */
type Glyph = readonly [width: number, path: string];

const GLYPHS: ReadonlyMap<string, Glyph> = new Map<string, Glyph>([
  ['A', [54, 'M0 84 L27 0 L54 84 M10 56 H44']],
  ['B', [48, 'M0 0 V84 H27 A21.5 21.5 0 0 0 27 41 H0 M27 41 H25 A20.5 20.5 0 0 0 25 0 H0']],
  ['C', [50, 'M50 20 C46 7 38 0 27 0 C10 0 0 16 0 42 C0 68 10 84 27 84 C38 84 46 77 50 64']],
  ['D', [52, 'M0 0 V84 H19 C41 84 52 68 52 42 C52 16 41 0 19 0 H0']],
  ['E', [42, 'M42 0 H0 V84 H42 M0 41 H38']],
  ['F', [42, 'M42 0 H0 V84 M0 41 H38']],
  [
    'G',
    [52, 'M50 20 C46 7 38 0 27 0 C10 0 0 16 0 42 C0 68 10 84 27 84 C42 84 52 73 52 56 V46 H30'],
  ],
  ['H', [50, 'M0 0 V84 M50 0 V84 M0 41 H50']],
  ['I', [26, 'M0 0 H26 M13 0 V84 M0 84 H26']],
  ['J', [38, 'M38 0 V58 C38 76 31 84 19 84 C8 84 1 77 0 64']],
  ['K', [50, 'M0 0 V84 M48 0 L2 50 M18 34 L50 84']],
  ['L', [42, 'M0 0 V84 H42']],
  ['M', [64, 'M0 84 V0 L32 56 L64 0 V84']],
  ['N', [52, 'M0 84 V0 L52 84 V0']],
  ['O', [60, 'M30 0 C11 0 0 17 0 42 C0 67 11 84 30 84 C49 84 60 67 60 42 C60 17 49 0 30 0 Z']],
  ['P', [48, 'M0 84 V0 H26 A22.5 22.5 0 0 1 26 45 H0']],
  [
    'Q',
    [
      60,
      'M30 0 C11 0 0 17 0 42 C0 67 11 84 30 84 C49 84 60 67 60 42 C60 17 49 0 30 0 Z M36 62 L58 90',
    ],
  ],
  ['R', [50, 'M0 84 V0 H26 A22.5 22.5 0 0 1 26 45 H0 M26 45 L50 84']],
  [
    'S',
    [
      48,
      'M46 19 C43 6 35 0 24 0 C10 0 2 9 2 21 C2 34 12 38 25 42 C38 46 48 51 48 63 C48 76 38 84 25 84 C12 84 3 77 0 63',
    ],
  ],
  ['T', [54, 'M0 0 H54 M27 0 V84']],
  ['U', [52, 'M0 0 V54 C0 74 10 84 26 84 C42 84 52 74 52 54 V0']],
  ['V', [56, 'M0 0 L28 84 L56 0']],
  ['W', [78, 'M0 0 L20 84 L39 8 L58 84 L78 0']],
  ['X', [54, 'M0 0 L54 84 M54 0 L0 84']],
  ['Y', [56, 'M0 0 L28 46 L56 0 M28 46 V84']],
  ['Z', [50, 'M0 0 H49 L0 84 H50']],
  ['0', [44, 'M22 0 C8 0 0 16 0 42 C0 68 8 84 22 84 C36 84 44 68 44 42 C44 16 36 0 22 0 Z']],
  ['1', [38, 'M0 17 L21 0 V84 M2 84 H38']],
  ['2', [46, 'M2 22 C4 8 12 0 23 0 C36 0 44 9 44 21 C44 32 38 40 28 50 L0 84 H46']],
  [
    '3',
    [
      46,
      'M2 17 C6 6 13 0 23 0 C35 0 43 8 43 19 C43 32 34 40 18 40 C36 40 46 48 46 61 C46 75 36 84 22 84 C11 84 3 78 0 66',
    ],
  ],
  ['4', [50, 'M38 84 V0 L0 60 H50']],
  [
    '5',
    [
      46,
      'M42 0 H8 L4 40 C10 34 16 32 23 32 C37 32 46 43 46 57 C46 73 36 84 22 84 C11 84 3 78 0 67',
    ],
  ],
  [
    '6',
    [
      46,
      'M43 16 C39 6 33 0 24 0 C8 0 0 18 0 46 C0 70 8 84 23 84 C37 84 46 73 46 58 C46 43 37 33 24 33 C10 33 0 44 0 58',
    ],
  ],
  ['7', [48, 'M0 0 H47 L16 84']],
  [
    '8',
    [
      46,
      'M23 40 C10 40 3 31 3 20 C3 8 11 0 23 0 C35 0 43 8 43 20 C43 31 36 40 23 40 C9 40 0 49 0 62 C0 76 9 84 23 84 C37 84 46 76 46 62 C46 49 37 40 23 40 Z',
    ],
  ],
  [
    '9',
    [
      46,
      'M3 68 C7 78 13 84 22 84 C38 84 46 66 46 38 C46 14 38 0 23 0 C9 0 0 11 0 26 C0 41 9 51 22 51 C36 51 46 40 46 26',
    ],
  ],
  ['-', [30, 'M0 44 H30']],
  ['.', [17, 'M8.5 75.5 V92.5']],
  [':', [17, 'M8.5 18 V35 M8.5 60 V77']],
]);

/** Where a text goes, in the picture's pixels. */
export interface TextBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** SVG of `text` as large as it goes in `box`, over as many lines as makes it largest. */
export function textInBox(text: string, box: TextBox, color: string): string {
  const words = text.toUpperCase().split(/\s+/).filter(Boolean);
  let best: { scale: number; lines: readonly string[] } | undefined;
  for (let count = 1; count <= words.length; count += 1) {
    const lines = wrap(words, count);
    const width = Math.max(...lines.map(lineWidth));
    const scale = Math.min(box.width / width, box.height / blockHeight(lines.length));
    if (!best || scale > best.scale) best = { scale, lines };
  }
  if (!best) return '';
  const { scale, lines } = best;
  const top = box.top + (box.height - blockHeight(lines.length) * scale) / 2;
  return lines
    .map((line, row) => {
      const left = box.left + (box.width - lineWidth(line) * scale) / 2;
      return `<g transform="translate(${left} ${top + row * LEADING * scale}) scale(${scale})" fill="none" stroke="${color}" stroke-width="${STROKE}" stroke-linecap="round" stroke-linejoin="round">${drawLine(line)}</g>`;
    })
    .join('');
}

function blockHeight(lines: number): number {
  return HEIGHT + STROKE + (lines - 1) * LEADING;
}

/** `words` over at most `count` lines, each filled up to the same share of the whole. */
function wrap(words: readonly string[], count: number): string[] {
  const share = lineWidth(words.join(' ')) / count;
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    const open = last !== undefined && (lines.length === count || lineWidth(longer) <= share * 1.1);
    if (open) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function lineWidth(line: string): number {
  return layOut(line).width;
}

function drawLine(line: string): string {
  return layOut(line)
    .marks.map(({ x, path }) => `<path transform="translate(${x} ${STROKE / 2})" d="${path}"/>`)
    .join('');
}

function layOut(line: string): { width: number; marks: { x: number; path: string }[] } {
  const marks: { x: number; path: string }[] = [];
  let x = 0;
  for (const character of line) {
    if (character === ' ') {
      x += SPACE;
      continue;
    }
    const glyph = GLYPHS.get(character);
    if (!glyph)
      throw new RangeError(`no letter for ${JSON.stringify(character)}: use A-Z 0-9 - . :`);
    const [width, path] = glyph;
    marks.push({ x: x + STROKE / 2, path });
    x += width + STROKE + GAP;
  }
  return { width: Math.max(0, x - GAP), marks };
}
