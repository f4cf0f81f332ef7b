import type { ScreenWord } from '../../../offline/screen-reader.ts';
import type { Size } from '../../../src/frames/geometry.ts';
import type { Region } from '../../../src/processors/region.ts';

/** Below this confidence, the reader asks for the part of the picture. */
const UNSURE = 0.85;
/** Space around a word, in heights of the word. */
const MARGIN = 0.7;
/** A call of the tool costs about as many tokens beside its picture. */
const CALL_TOKENS = 60;
/** The reader asks for no more parts of one picture. */
const MOST_REGIONS = 8;

/** The regions that show all unsure words, for the fewest tokens. */
export function unsureRegions(
  words: readonly ScreenWord[],
  screen: Size,
  tokensOf: (size: Size) => number,
): Region[] {
  const cost = ({ width, height }: Region): number =>
    tokensOf({
      width: Math.ceil(width * screen.width),
      height: Math.ceil(height * screen.height),
    }) + CALL_TOKENS;
  let regions = words.filter(({ confidence }) => confidence < UNSURE).map(withMargin);
  for (;;) {
    const join = cheapestJoin(regions, cost);
    if (!join || (join.extra > 0 && regions.length <= MOST_REGIONS)) return regions;
    regions = [...regions.filter((one) => !join.of.includes(one)), join.region];
  }
}

/** The two regions whose union costs the least beyond the two. */
function cheapestJoin(regions: readonly Region[], cost: (region: Region) => number) {
  const costs = regions.map(cost);
  let best: { of: Region[]; region: Region; extra: number } | undefined;
  for (const [at, one] of regions.entries()) {
    for (const [offset, other] of regions.slice(at + 1).entries()) {
      const region = union(one, other);
      const extra = cost(region) - (costs[at] ?? 0) - (costs[at + 1 + offset] ?? 0);
      if (!best || extra < best.extra) best = { of: [one, other], region, extra };
    }
  }
  return best;
}

function union(one: Region, other: Region): Region {
  const x = Math.min(one.x, other.x);
  const y = Math.min(one.y, other.y);
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  };
}

function withMargin({ x, y, width, height }: ScreenWord): Region {
  const margin = MARGIN * height;
  const left = Math.max(0, x - margin);
  const top = Math.max(0, y - margin);
  return {
    x: left,
    y: top,
    width: Math.min(1, x + width + margin) - left,
    height: Math.min(1, y + height + margin) - top,
  };
}

/** What was read before, and in this region: of two words at one place, the surer one. */
export function withRegion(
  words: readonly ScreenWord[],
  region: Region,
  inRegion: readonly ScreenWord[],
): ScreenWord[] {
  return inRegion.reduce<ScreenWord[]>(
    (read, found) => {
      const word = {
        ...found,
        x: region.x + found.x * region.width,
        y: region.y + found.y * region.height,
        width: found.width * region.width,
        height: found.height * region.height,
      };
      const rivals = read.filter((one) => isAt(one, word) || isAt(word, one));
      const isSurest = rivals.every(({ confidence }) => confidence < word.confidence);
      return isSurest ? [...read.filter((one) => !rivals.includes(one)), word] : read;
    },
    [...words],
  );
}

/** Whether the middle of a word is in the box of the other one. */
function isAt(word: ScreenWord, { x, y, width, height }: ScreenWord): boolean {
  const across = word.x + word.width / 2 - x;
  const down = word.y + word.height / 2 - y;
  return across >= 0 && across <= width && down >= 0 && down <= height;
}
