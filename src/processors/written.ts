import sharp from 'sharp';
import { FONT } from '../frames/font.ts';
import type { Size } from '../frames/geometry.ts';

/** A text as a picture with a transparent background. */
export interface WrittenText extends Size {
  /** PNG. */
  readonly input: Buffer;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Renders the text in the library's own font; slim containers have none.
 *
 * @param height - Of a line, in pixels.
 * @param width - Longer lines are wrapped at this width, in pixels.
 */
export async function written(
  text: string,
  { color, height, width }: { color: string; height: number; width: number },
): Promise<WrittenText> {
  const escaped = text
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .replace(/[&<>]/g, (char) => ESCAPES[char] ?? char);
  const { data, info } = await sharp({
    text: {
      ...FONT,
      // At 72 dots an inch, a point is a pixel.
      font: `${FONT.font} ${Math.max(6, Math.round(height * 0.75))}`,
      dpi: 72,
      text: `<span foreground="${color}">${escaped}</span>`,
      width,
      wrap: 'word-char',
      rgba: true,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { input: data, width: info.width, height: info.height };
}
