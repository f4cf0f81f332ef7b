import type { VideoFrame } from '@livekit/rtc-node';
import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import { MASK } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { edited } from '../frames/frame-edit.ts';
import { filled } from '../option-table.ts';
import { checkedColour } from './colour.ts';
import { checkedRegion, coveredPixels, type PixelRect, type Region } from './region.ts';
import type { ProcessorContext, VideoProcessor } from './video-processor.ts';

/** Finds the regions of one frame, such as the faces in it. */
export type FindRegions = (
  frame: VideoFrame,
  context: ProcessorContext,
) => readonly Region[] | Promise<readonly Region[]>;

/** How a region is hidden. */
export interface MaskOptions {
  /**
   * `fill` paints over the region. `blur` leaves its colours in {@link BLUR_CELLS} blurred cells.
   * @defaultValue 'fill'
   */
  style?: 'fill' | 'blur';
  /**
   * The colour of `fill`: a name of CSS, or `#rrggbb`.
   * @defaultValue 'black'
   */
  color?: string;
}

/** Cells that a blurred region keeps along its longer side: too few for a face or a letter. */
const BLUR_CELLS = 6;

/**
 * Hides regions of each frame before anything uses it.
 *
 * @param regions - Fixed ones, or a function that finds them in each frame. If the function throws,
 * or is late, the frame is withheld.
 *
 * @example
 * ```ts
 * input: { processors: [mask(async (frame) => faces.find(frame), { style: 'blur' })] }
 * ```
 * @throws OptionError for a region outside the picture.
 */
export function mask(
  regions: readonly Region[] | FindRegions,
  options: MaskOptions = {},
): VideoProcessor {
  const { style, color } = filled('options', options, MASK);
  checkedColour('options.color', color);
  if (typeof regions !== 'function') {
    if (!Array.isArray(regions))
      throw new OptionError('regions', regions, 'use an array of regions, or a function');
    for (const [index, region] of regions.entries()) checkedRegion(`regions[${index}]`, region);
  }
  return {
    name: 'mask',
    async process(frame, context) {
      const found = typeof regions === 'function' ? await regions(frame, context) : regions;
      if (!Array.isArray(found)) throw new OptionError('regions', found, 'return an array');
      const areas = found.flatMap((one, index) => {
        return coveredPixels(`regions[${index}]`, one, frame) ?? [];
      });
      if (areas.length === 0) return frame;
      return edited(frame, async (image) => {
        const covers = await Promise.all(
          areas.map((area) => (style === 'fill' ? filledArea(area, color) : blurred(image, area))),
        );
        return image.composite(covers);
      });
    },
  };
}

const filledArea = ({ left, top, width, height }: PixelRect, color: string): OverlayOptions => ({
  input: { create: { width, height, channels: 3, background: color } },
  left,
  top,
});

async function blurred(image: Sharp, area: PixelRect): Promise<OverlayOptions> {
  const { left, top, width, height } = area;
  const cell = Math.max(width, height) / BLUR_CELLS;
  const cells = (side: number) => Math.max(1, Math.round(side / cell));
  const coarse = await image
    .clone()
    .extract(area)
    .resize(cells(width), cells(height), { fit: 'fill', kernel: 'linear' })
    .png()
    .toBuffer();
  const input = await sharp(coarse)
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .png()
    .toBuffer();
  return { input, left, top };
}
