import type { OverlayOptions } from 'sharp';
import { letters } from '../../frames/letters.ts';

/** The characters that the offline reader knows. */
const READABLE = /^[A-Z0-9 .:-]$/;

/** A place in a picture, in pixels. */
export interface TextBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Pictures of `text` to lay over another picture: one, or none for an empty text. The lines are
 * broken so that the letters are as large as `box` allows.
 */
export async function textInBox(
  text: string,
  box: TextBox,
  color: string,
): Promise<OverlayOptions[]> {
  const words = text.toUpperCase().split(/\s+/).filter(Boolean).join(' ');
  for (const character of words)
    if (!READABLE.test(character))
      throw new RangeError(`no letter for ${JSON.stringify(character)}: use A-Z 0-9 - . :`);
  if (words === '') return [];
  const { data, info } = await letters(words, {
    color,
    width: Math.max(1, Math.round(box.width)),
    height: Math.max(1, Math.round(box.height)),
    align: 'centre',
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return [
    {
      input: data,
      raw: { width, height, channels },
      left: Math.round(box.left + (box.width - width) / 2),
      top: Math.round(box.top + (box.height - height) / 2),
    },
  ];
}
