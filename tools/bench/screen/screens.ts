import sharp from 'sharp';
import type { Size } from '../../../src/frames/geometry.ts';
import { Random } from '../../../src/testing/random.ts';
import { type Layout, layOut, type TextLine } from './layouts.ts';

/** A picture of a screen, and the text in it. */
export interface Screen extends Size {
  readonly name: string;
  readonly picture: Buffer;
  readonly lines: readonly TextLine[];
}

/** Screens of 1080p, 1440p and 4K. */
export const SCREEN_SIZES: Readonly<Record<number, Size>> = {
  1080: { width: 1920, height: 1080 },
  1440: { width: 2560, height: 1440 },
  2160: { width: 3840, height: 2160 },
};

/** Two windows of each kind of program, light and dark, with all font sizes, in pixels. */
const WINDOWS: readonly { layout: Layout; fontSize: number; isDark: boolean }[] = [
  { layout: 'editor', fontSize: 14, isDark: true },
  { layout: 'editor', fontSize: 12, isDark: false },
  { layout: 'spreadsheet', fontSize: 11, isDark: false },
  { layout: 'spreadsheet', fontSize: 13, isDark: true },
  { layout: 'form', fontSize: 16, isDark: false },
  { layout: 'form', fontSize: 12, isDark: true },
  { layout: 'terminal', fontSize: 11, isDark: false },
  { layout: 'terminal', fontSize: 15, isDark: true },
];

const LIGHT = { paper: '#ffffff', ink: '#1f2328', edge: '#d0d7de' };
const DARK = { paper: '#1e1e1e', ink: '#d4d4d4', edge: '#454545' };

/** The screens of this size, one after the other. The same at each call. */
export async function* screensOf(size: Size): AsyncGenerator<Screen> {
  for (const [index, { layout, fontSize, isDark }] of WINDOWS.entries()) {
    const lines = layOut(layout, { ...size, fontSize, random: new Random(index + 1) });
    const colours = isDark ? DARK : LIGHT;
    yield {
      ...size,
      name: `${layout}, ${fontSize} px, ${isDark ? 'dark' : 'light'}`,
      picture: await drawn(size, lines, fontSize, colours),
      lines,
    };
  }
}

function drawn(
  { width, height }: Size,
  lines: readonly TextLine[],
  fontSize: number,
  { paper, ink, edge }: typeof LIGHT,
): Promise<Buffer> {
  const texts = lines.map(
    ({ text, x, y, font }) =>
      `<text x="${x}" y="${y + fontSize}" font-family="${font}" xml:space="preserve">${text}</text>`,
  );
  const boxes = lines
    .filter(({ isBoxed }) => isBoxed)
    .map(
      ({ x, y, width: across }) =>
        `<rect x="${x - 8.5}" y="${y - 6.5}" width="${across}" height="${fontSize * 2}"/>`,
    );
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="100%" height="100%" fill="${paper}"/>` +
    `<g fill="none" stroke="${edge}">${boxes.join('')}</g>` +
    `<g fill="${ink}" font-size="${fontSize}px">${texts.join('')}</g></svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().png({ compressionLevel: 1 }).toBuffer();
}
