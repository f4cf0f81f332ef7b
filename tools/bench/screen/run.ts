import sharp from 'sharp';
import { ScreenReader, type ScreenWord } from '../../../offline/screen-reader.ts';
import { MODEL_PICTURE, PART_PICTURE } from '../../../src/defaults.ts';
import type { Size } from '../../../src/frames/geometry.ts';
import { tileCuts } from '../../../src/frames/tiles.ts';
import { tokenRule } from '../../../src/models/picture-tokens.ts';
import type { ScreenFigures, ScreenResults } from '../result.ts';
import { unsureRegions, withRegion } from './regions.ts';
import { characters, charactersRead } from './score.ts';
import { SCREEN_SIZES, type Screen, screensOf } from './screens.ts';
import { SharedScreen } from './shared-screen.ts';

/** A model whose tokens are proportional to the pixels, and that scales none of these pictures. */
const MODEL = { name: 'gpt-5.4', isRealtime: false } as const;

const WAYS = ['python', 'profile', 'regions', 'tiles'] as const;
type Way = (typeof WAYS)[number];
/** Most tiles of a screen. */
const TILES = 4;
/** Called with the name of each screen. */
type Progress = (line: string) => void;

/** What a reader can read of shared screens, and the tokens that it costs. */
export async function benchScreen(
  progress: Progress,
  sizes: Readonly<Record<number, Size>> = SCREEN_SIZES,
): Promise<ScreenResults> {
  const reader = await ScreenReader.start();
  try {
    const results: ScreenResults = {};
    for (const [height, size] of Object.entries(sizes))
      results[height] = await readAll(reader, size, progress);
    return results;
  } finally {
    await reader.close();
  }
}

async function readAll(
  reader: ScreenReader,
  size: Size,
  progress: Progress,
): Promise<ScreenFigures> {
  const none = () => ({ characters: 0, read: 0, bytes: 0, tokens: 0 });
  const sums: ScreenFigures = {
    python: none(),
    profile: none(),
    regions: none(),
    tiles: none(),
    native: { tokens: 0 },
  };
  const shared = await SharedScreen.open(size);
  const tiled = await SharedScreen.open(size, TILES);
  try {
    for await (const screen of screensOf(size)) {
      const read = await readOne(reader, { shared, tiled }, screen);
      for (const way of WAYS)
        for (const name of ['characters', 'read', 'bytes', 'tokens'] as const)
          sums[way][name] += read[way][name];
      sums.native.tokens += tokensOf(size);
      const shares = Object.values(read).map(({ read, characters: all }) =>
        (read / all).toFixed(3),
      );
      progress(`screen ${size.height}: ${screen.name}: ${shares.join(', ')}`);
    }
  } finally {
    await Promise.all([shared.close(), tiled.close()]);
  }
  return sums;
}

async function readOne(
  reader: ScreenReader,
  { shared, tiled }: { shared: SharedScreen; tiled: SharedScreen },
  screen: Screen,
): Promise<Pick<ScreenFigures, Way>> {
  const all = screen.lines.reduce((sum, { text }) => sum + characters(text), 0);
  const figures = async (words: readonly ScreenWord[], pictures: readonly Buffer[]) => ({
    characters: all,
    read: charactersRead(screen, words),
    bytes: pictures.reduce((sum, { length }) => sum + length, 0),
    tokens: await tokensOfAll(pictures),
  });
  const {
    frame,
    pictures: [picture],
  } = await shared.ask(screen);
  // The size and the format of Python's framework.
  const { data: python } = await frame.encode(MODEL_PICTURE);
  const whole = await reader.words(picture);
  const pictures = [picture];
  let words = whole;
  for (const region of unsureRegions(whole, screen, tokensOf)) {
    const part = await shared.video.look({ source: 'screen', region, frameId: frame.id });
    if (!part.wasShown) throw new Error('the frame of a region was not kept');
    const { data } = await part.encode(PART_PICTURE);
    pictures.push(data);
    words = withRegion(words, region, await reader.words(data));
  }
  const inTiles = (await tiled.ask(screen)).pictures;
  return {
    python: await figures(await reader.words(python), [python]),
    profile: await figures(whole, [picture]),
    regions: await figures(words, pictures),
    tiles: await figures(await wordsOfTiles(reader, screen, inTiles), inTiles),
  };
}

/** What is read in an overview and its tiles: of two words at one place, the surer one. */
async function wordsOfTiles(
  reader: ScreenReader,
  { width, height }: Size,
  [overview, ...tiles]: readonly [Buffer, ...Buffer[]],
): Promise<ScreenWord[]> {
  let words = await reader.words(overview);
  const cuts = tiles.length > 0 ? tileCuts({ width, height }, TILES) : [];
  for (const [at, cut] of cuts.entries()) {
    const region = {
      x: cut.left / width,
      y: cut.top / height,
      width: cut.width / width,
      height: cut.height / height,
    };
    words = withRegion(words, region, await reader.words(tiles[at] ?? Buffer.of()));
  }
  return words;
}

const tokensOf = (size: Size): number => tokenRule(MODEL)?.(size, 'auto') ?? 0;

async function tokensOfAll(pictures: readonly Buffer[]): Promise<number> {
  const sizes = await Promise.all(pictures.map((one) => sharp(one).metadata()));
  return sizes.reduce((sum, size) => sum + tokensOf(size), 0);
}
