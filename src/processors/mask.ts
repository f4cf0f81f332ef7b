import type { VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import { MASK } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { opened, pixels, type RgbPicture } from '../frames/encode-enlarge.ts';
import { painted } from '../frames/frame-edit.ts';
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
      return painted(frame, async (picture) => {
        // All covers are made of the picture without any.
        const covers = await Promise.all(
          areas.map(async (area) => {
            const cover = style === 'fill' ? filledArea(area, color) : blurred(picture, area);
            return { cover: await cover, area };
          }),
        );
        for (const { cover, area } of covers) paste(picture, cover, area);
      });
    },
  };
}

const filledArea = ({ width, height }: PixelRect, background: string): Promise<RgbPicture> =>
  pixels(sharp({ create: { width, height, channels: 3, background } }));

async function blurred(picture: RgbPicture, area: PixelRect): Promise<RgbPicture> {
  const { width, height } = area;
  const cell = Math.max(width, height) / BLUR_CELLS;
  const cells = (side: number) => Math.max(1, Math.round(side / cell));
  const coarse = await pixels(
    opened(picture)
      .extract(area)
      .resize(cells(width), cells(height), { fit: 'fill', kernel: 'linear' }),
  );
  return await pixels(opened(coarse).resize(width, height, { fit: 'fill', kernel: 'cubic' }));
}

/** Replaces the area by its cover, row by row. A composition by sharp takes twice the CPU. */
function paste(picture: RgbPicture, cover: RgbPicture, { left, top, height }: PixelRect): void {
  const bytes = 3 * cover.width;
  for (let row = 0; row < height; row++) {
    const line = cover.rgb.subarray(row * bytes, (row + 1) * bytes);
    picture.rgb.set(line, 3 * ((top + row) * picture.width + left));
  }
}
