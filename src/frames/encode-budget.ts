import { EncodeError } from '../errors.ts';
import type { Compressed } from './encode-compress.ts';
import type { CheckedEncodeOptions } from './encode-options.ts';
import type { ResizeBox } from './geometry.ts';
import { scaledBox } from './geometry.ts';

/** Below this quality, a JPEG shows blocks and no readable text; a smaller picture is better. */
const LOWEST_QUALITY = 30;
/** How much the quality decreases per attempt. */
const QUALITY_STEP = 15;
/** Bytes decrease more slowly than area, so aiming below the limit saves attempts. */
const AIM = 0.9;
/** Smallest reduction of a side per attempt, as a factor. */
const SMALLEST_STEP = 0.85;

/**
 * Compresses until the result fits: first at lower quality, then at a smaller size.
 *
 * @param attempt - Compresses once, at this quality and for this box.
 * @throws EncodeError if not even a picture of one pixel fits.
 */
export async function withinBudget(
  options: Pick<CheckedEncodeOptions, 'format' | 'quality' | 'maxBytes'>,
  box: ResizeBox,
  attempt: (quality: number, box: ResizeBox) => Promise<Compressed>,
): Promise<Compressed> {
  const { format, maxBytes } = options;
  let { quality } = options;
  let scale = 1;
  for (;;) {
    const scaled = scaledBox(box, scale);
    const result = await attempt(quality, scaled);
    const bytes = result.data.length;
    if (bytes <= maxBytes) return result;
    if (format !== 'png' && quality > LOWEST_QUALITY) {
      quality = Math.max(LOWEST_QUALITY, quality - QUALITY_STEP);
    } else if (scaled.width > 1 || scaled.height > 1) {
      scale *= Math.min(SMALLEST_STEP, Math.sqrt(maxBytes / bytes) * AIM);
    } else {
      throw new EncodeError(
        `maxBytes ${maxBytes} is less than the smallest ${format} of this frame, ${bytes} bytes`,
      );
    }
  }
}
