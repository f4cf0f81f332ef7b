import { edited } from '../frames/frame-edit.ts';
import { WHOLE } from '../frames/picture-place.ts';
import { keepsNothing } from './keeps-nothing.ts';
import { checkedRegion, coveredPixels, type Region } from './region.ts';
import type { VideoProcessor } from './video-processor.ts';

/**
 * Lets one region of each frame through, and nothing around it.
 *
 * @example
 * ```ts
 * input: { processors: [crop({ x: 0, y: 0.1, width: 1, height: 0.9 })] } // without the top tenth
 * ```
 * @throws OptionError for a region outside the picture.
 */
export function crop(region: Region): VideoProcessor {
  checkedRegion('region', region);
  return keepsNothing({
    name: 'crop',
    process: (frame) => {
      const pixels = coveredPixels('region', region, frame);
      return pixels ? edited(frame, (image) => image.extract(pixels)) : null;
    },
    shownRegion: (size) => {
      const pixels = coveredPixels('region', region, size);
      if (!pixels) return WHOLE;
      return {
        x: pixels.left / size.width,
        y: pixels.top / size.height,
        width: pixels.width / size.width,
        height: pixels.height / size.height,
      };
    },
  });
}
