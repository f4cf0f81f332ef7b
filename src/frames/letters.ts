import { createRequire } from 'node:module';
import sharp, { type CreateText, type Sharp } from 'sharp';

const require = createRequire(import.meta.url);

/** A font that ships with the library: slim containers have none. */
const FONT = {
  // The comma ends the family name; without it, 'Caption' could be parsed as a style.
  font: 'PT Sans Caption, Bold',
  fontfile: require.resolve('@expo-google-fonts/pt-sans-caption/PTSansCaption_700Bold.ttf'),
};

/** Smallest size of the font, in pixels. */
const LEAST_PIXELS = 6;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

export interface LettersOptions extends Pick<CreateText, 'width' | 'height' | 'align' | 'wrap'> {
  color: string;
  /** Height of a line, in pixels. Without it, the text fills `width` and `height`. */
  lineHeight?: number;
}

/** The text as a picture with a transparent background, before its encoding. */
export function letters(text: string, { color, lineHeight, ...box }: LettersOptions): Sharp {
  const escaped = text
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .replace(/[&<>]/g, (char) => ESCAPES[char] ?? char);
  const pixels = lineHeight && Math.max(LEAST_PIXELS, Math.round(lineHeight * 0.75));
  return sharp({
    text: {
      ...FONT,
      // At 72 dots an inch, a point is a pixel.
      ...(pixels && { font: `${FONT.font} ${pixels}`, dpi: 72 }),
      text: `<span foreground="${color}">${escaped}</span>`,
      ...box,
      rgba: true,
    },
  });
}
