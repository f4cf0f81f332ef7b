import type { ShownFrames } from '../frames/shown-frames.ts';
import { checkedRegion, outsideError, type Region } from '../processors/region.ts';
import type { LookKind } from '../source.ts';

/** The picture that a region is a part of: by default the newest that the model saw. */
export interface SeenPicture {
  readonly frameId?: number | undefined;
  readonly source?: LookKind | undefined;
}

/**
 * The region of the upright frame that a region of the model's picture shows: turns and the look tool
 * can crop their pictures. Black bars around a picture are left out.
 * @throws OptionError for a region that is outside of the picture, or only on its bars.
 */
export function seenRegion(shown: ShownFrames, region: Region, picture: SeenPicture): Region {
  const part = checkedRegion('region', region);
  const place = shown.find(picture)?.toProcessed(part) ?? part;
  const inside = (edge: number) => Math.min(1, Math.max(0, edge));
  const [x, y] = [inside(place.x), inside(place.y)];
  const width = inside(place.x + place.width) - x;
  const height = inside(place.y + place.height) - y;
  if (width <= 0 || height <= 0) throw outsideError('region', region);
  return { x, y, width, height };
}
