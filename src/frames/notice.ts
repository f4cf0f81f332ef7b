import sharp from 'sharp';
import type { EncodedImage } from './encode.ts';
import { letters } from './letters.ts';

/** In pixels: large enough to be read after a model has scaled it. */
const NOTICE = { width: 640, height: 360 };
const MARGIN = 40;

/** A black picture with a text: for a model that takes nothing but pictures. JPEG. */
export async function notice(text: string): Promise<EncodedImage> {
  const words = letters(text, {
    color: 'white',
    width: NOTICE.width - 2 * MARGIN,
    height: NOTICE.height - 2 * MARGIN,
    align: 'centre',
  });
  const data = await sharp({ create: { ...NOTICE, channels: 3, background: 'black' } })
    .composite([{ input: await words.png().toBuffer() }])
    .jpeg()
    .toBuffer();
  return { data, mimeType: 'image/jpeg', ...NOTICE };
}
