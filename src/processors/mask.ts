import type { VideoFrame } from '@livekit/rtc-node';
import { MASK } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { copyOf, painted } from '../frames/frame-edit.ts';
import type { Size } from '../frames/geometry.ts';
import { filled } from '../option-table.ts';
import { checkedColour } from './colour.ts';
import { keepsNothing } from './keeps-nothing.ts';
import { blurring, filling } from './mask-cover.ts';
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
   * `fill` paints over the region. `blur` leaves its colours in a few blurred cells.
   * @defaultValue 'fill'
   */
  style?: 'fill' | 'blur';
  /**
   * The colour of `fill`: a name of CSS, or `#rrggbb`.
   * @defaultValue 'black'
   */
  color?: string;
}

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
  const cover = style === 'fill' ? filling(color) : blurring;
  const processor: VideoProcessor = {
    name: 'mask',
    async process(frame, context) {
      const found = typeof regions === 'function' ? await regions(frame, context) : regions;
      if (!Array.isArray(found)) throw new OptionError('regions', found, 'return an array');
      const areas = found.flatMap((one, index) => {
        const area = coveredPixels(`regions[${index}]`, one, frame);
        return area ? withMargin(area, frame) : [];
      });
      if (areas.length === 0) return frame;
      // The function may have kept the frame that it got.
      const own = typeof regions === 'function' ? copyOf(frame) : frame;
      return painted(own, async (planes) => {
        await Promise.all(planes.map((plane) => cover(plane, areas)));
      });
    },
  };
  return typeof regions === 'function' ? processor : keepsNothing(processor);
}

/**
 * With the pixels next to it: most formats hold one colour for two pixels, so that they show the
 * colour of the region.
 */
function withMargin({ left, top, width, height }: PixelRect, size: Size): PixelRect {
  const [x, y] = [Math.max(0, left - 1), Math.max(0, top - 1)];
  const right = Math.min(size.width, left + width + 1);
  const bottom = Math.min(size.height, top + height + 1);
  return { left: x, top: y, width: right - x, height: bottom - y };
}
