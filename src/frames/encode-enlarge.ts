import type { Sharp } from 'sharp';
import sharp from 'sharp';
import type { Size } from './geometry.ts';

/** An RGB24 picture. */
export interface RgbPicture extends Size {
  rgb: Buffer;
}

/** Neighbouring pixels that bicubic interpolation reads. */
const MARGIN = 2;

/** A picture as the start of a sharp pipeline. */
export function opened({ rgb, width, height }: RgbPicture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

/**
 * Enlarges the sides that should grow, and leaves the others as they are.
 *
 * It uses an affine map, because sharp's `resize` places an enlarged picture half a pixel to the
 * right and down of where Pillow places it.
 */
export async function enlarged(picture: RgbPicture, wanted: Size): Promise<RgbPicture> {
  const across = axis(picture.width, wanted.width);
  const down = axis(picture.height, wanted.height);
  if (across.scale === 1 && down.scale === 1) return picture;
  // Without a margin of its own colours, the edge would be interpolated against black.
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

/** How one axis grows. `start` is the position of the picture after its margin has grown too. */
function axis(
  from: number,
  to: number,
): { scale: number; size: number; start: number; shift: number } {
  const size = Math.max(from, to);
  const scale = size / from;
  const start = Math.round(MARGIN * scale);
  // Half a pixel from corner to centre; the rest aligns the start to a whole pixel.
  return { scale, size, start, shift: start - MARGIN * scale - 0.5 };
}

/** The pixels that a sharp pipeline makes, of three channels. */
export async function pixels(image: Sharp): Promise<RgbPicture> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}
