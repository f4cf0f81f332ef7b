import type { Sharp } from 'sharp';
import sharp from 'sharp';
import type { Size } from './geometry.ts';

/** An RGB24 picture. */
export interface RgbPicture extends Size {
  rgb: Buffer;
}

/** Pixels around one that bicubic interpolation looks at. */
const MARGIN = 2;

/** A picture as the start of a chain of sharp. */
export function opened({ rgb, width, height }: RgbPicture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

/**
 * The picture with the sides that are to grow grown; sides that are to shrink stay as they are.
 *
 * By an affine map and not sharp's `resize`: that one puts an enlarged picture half a pixel to the
 * right and down of where Pillow, and the centres of the pixels, put it.
 */
export async function enlarged(picture: RgbPicture, wanted: Size): Promise<RgbPicture> {
  const across = axis(picture.width, wanted.width);
  const down = axis(picture.height, wanted.height);
  if (across.scale === 1 && down.scale === 1) return picture;
  // Without a margin of its own colours the edge would be interpolated against black.
  const margin = { left: MARGIN, right: MARGIN, top: MARGIN, bottom: MARGIN };
  const padded = await pixels(opened(picture).extend({ ...margin, extendWith: 'copy' }));
  const stretched = await pixels(
    opened(padded).affine([across.scale, 0, 0, down.scale], {
      interpolator: 'bicubic',
      idx: 0.5,
      idy: 0.5,
      odx: across.shift,
      ody: down.shift,
    }),
  );
  const { size: width, start: left } = across;
  const { size: height, start: top } = down;
  return await pixels(opened(stretched).extract({ left, top, width, height }));
}

/** How one axis grows: `start` is where the picture begins once its margin has grown with it. */
function axis(
  from: number,
  to: number,
): { scale: number; size: number; start: number; shift: number } {
  const size = Math.max(from, to);
  const scale = size / from;
  const start = Math.round(MARGIN * scale);
  // Half a pixel from corners to centres, and the rest brings the start to a whole pixel.
  return { scale, size, start, shift: start - MARGIN * scale - 0.5 };
}

async function pixels(image: Sharp): Promise<RgbPicture> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}
