import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import type { SourceKind } from '../source.ts';
import type { EncodedImage } from './encode.ts';
import { letters } from './letters.ts';

/** In pixels. A caption would cover too much of a smaller picture. */
const CAPTION = { width: 112, height: 30 };

/** In pixels, between the edge of the caption and its letters. */
const MARGIN = 6;

/** Rendered captions, white on black. */
const captions = new Map<SourceKind, Promise<OverlayOptions>>();

/** The picture with its source's name in the upper left corner. A small picture stays unchanged. */
export async function withCaption(image: EncodedImage, source: SourceKind): Promise<EncodedImage> {
  if (source === 'unknown' || image.width < CAPTION.width || image.height < CAPTION.height)
    return image;
  const labelled = sharp(image.data).composite([await captionOf(source)]);
  return { ...image, data: await inFormat(labelled, image).toBuffer() };
}

function captionOf(source: SourceKind): Promise<OverlayOptions> {
  let caption = captions.get(source);
  if (!caption) {
    caption = draw(`${source}:`);
    captions.set(source, caption);
    // A failed caption is rendered again with the next picture.
    caption.catch(() => captions.delete(source));
  }
  return caption;
}

async function draw(text: string): Promise<OverlayOptions> {
  const name = letters(text, {
    color: 'white',
    width: CAPTION.width - 2 * MARGIN,
    height: CAPTION.height - 2 * MARGIN,
  });
  const input = await sharp({ create: { ...CAPTION, channels: 3, background: 'black' } })
    .composite([{ input: await name.png().toBuffer() }])
    .png()
    .toBuffer();
  return { input, left: 0, top: 0 };
}

/** JPEG quality of the second compression: high enough to preserve the first. */
const QUALITY = 90;

function inFormat(picture: Sharp, { mimeType }: EncodedImage): Sharp {
  if (mimeType === 'image/png') return picture.png();
  if (mimeType === 'image/webp') return picture.webp({ quality: QUALITY, effort: 1 });
  return picture.jpeg({ quality: QUALITY, optimiseCoding: false });
}
