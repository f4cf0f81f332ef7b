import { createRequire } from 'node:module';
import sharp, { type OverlayOptions } from 'sharp';

const require = createRequire(import.meta.url);

/** A font of our own: machines have different ones, and a slim container has none. */
const FONT = {
  // The comma ends the family: without it 'Caption' could be taken for a style.
  font: 'PT Sans Caption, Bold',
  fontfile: require.resolve('@expo-google-fonts/pt-sans-caption/PTSansCaption_700Bold.ttf'),
};

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
