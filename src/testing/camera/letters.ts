import sharp, { type OverlayOptions } from 'sharp';
import { FONT } from '../../frames/font.ts';

/** What the offline reader can read. */
const READABLE = /^[A-Z0-9 .:-]$/;

/** A place in a picture, in pixels. */
export interface TextBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Pictures of `text` to lay over another picture: one, or none of an empty text. It is as large as
 * fits in `box`, over as many lines as make it largest.
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
  const { data, info } = await sharp({
    text: {
      ...FONT,
      text: `<span foreground="${color}">${words}</span>`,
      width: Math.max(1, Math.round(box.width)),
      height: Math.max(1, Math.round(box.height)),
      align: 'centre',
      rgba: true,
    },
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
