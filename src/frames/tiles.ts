import { type EncodedImage, encodeCuts, encodeFrame, type RotatedFrame } from './encode.ts';
import { checkedOptions, type EncodeOptions } from './encode-options.ts';
import { place, type Rect, type Size, uprightSize, withoutEnlarging } from './geometry.ts';

/** A part of a shared screen, in the screen's own pixels. */
export interface Tile extends EncodedImage {
  /** Its name for the model, such as `screen, part 2 of 4: top right`. */
  readonly label: string;
}

/** A picture, or an overview of a shared screen with the tiles in which its text can be read. */
export interface TiledImage extends EncodedImage {
  readonly tiles?: readonly Tile[];
}

/** The tiles that a picture of a shared screen may have. */
export interface TileRequest {
  /** Most tiles; from 2 on. */
  readonly most: number;
  /** Most bytes of the overview and its tiles together. @defaultValue none */
  readonly maxBytes?: number;
  /** How the overview is encoded. Its places are those of the whole screen. */
  readonly overview: EncodeOptions;
}

/** The position of a tile on the upright screen, in pixels. */
export interface TileCut extends Rect {
  readonly place: string;
}

/** Tiles share a strip of this width, in pixels, so that each line of text is whole in one of them. */
const SHARED = 64;
/** The places of more columns or rows have no name. */
const COLUMNS = [[''], ['left', 'right'], ['left', 'center', 'right']] as const;
const ROWS = [[''], ['top', 'bottom'], ['top', 'middle', 'bottom']] as const;

/**
 * Encodes a shared screen as an overview and its tiles. A screen that needs no scaling is one
 * picture, and so is one whose tiles exceed the bytes.
 * @param image - How the screen is encoded as one picture. The tiles have its format and quality.
 * @throws like {@link encodeFrame}.
 */
export async function encodeTiled(
  screen: RotatedFrame,
  image: EncodeOptions,
  { most, maxBytes = Number.POSITIVE_INFINITY, overview }: TileRequest,
): Promise<TiledImage> {
  const { resize, enlarge, degrees, maxBytes: own } = checkedOptions(image, screen.rotation);
  const size = uprightSize(screen.frame, degrees);
  const { picture } = resize
    ? place(size, enlarge ? resize : withoutEnlarging(size, resize))
    : { picture: size };
  if (picture.width >= size.width && picture.height >= size.height)
    return encodeFrame(screen, image);
  const cuts = tileCuts(size, most);
  const [whole, parts] = await Promise.all([
    encodeFrame(screen, overview),
    encodeCuts(screen, cuts, image),
  ]);
  const bytes = [whole, ...parts].reduce((sum, { data }) => sum + data.length, 0);
  if (bytes > Math.min(maxBytes, own)) return encodeFrame(screen, image);
  const label = (at: number) => `screen, part ${at + 1} of ${cuts.length}: ${cuts[at]?.place}`;
  return { ...whole, tiles: parts.map((one, at) => ({ ...one, label: label(at) })) };
}

/** The tiles of a screen, row by row. They cover it. */
export function tileCuts({ width, height }: Size, most: number): TileCut[] {
  const { columns, rows } = gridOf({ width, height }, most);
  return rows.flatMap((row, down) =>
    columns.map((column, across) => {
      const [left, right] = spanOf(across, columns.length, width);
      const [top, bottom] = spanOf(down, rows.length, height);
      const name = [row, column].filter(Boolean).join(' ');
      return { left, top, width: right - left, height: bottom - top, place: name };
    }),
  );
}

/** As many tiles as are allowed, as square as possible. */
function gridOf({ width, height }: Size, most: number) {
  const grids = ROWS.flatMap((rows) => COLUMNS.map((columns) => ({ columns, rows })));
  const count = ({ columns, rows }: (typeof grids)[number]) => columns.length * rows.length;
  const flatness = ({ columns, rows }: (typeof grids)[number]) =>
    Math.abs(Math.log((width * rows.length) / (height * columns.length)));
  const allowed = grids.filter((grid) => count(grid) <= most);
  return allowed.reduce((best, grid) => {
    const more = count(grid) - count(best);
    return more > 0 || (more === 0 && flatness(grid) < flatness(best)) ? grid : best;
  });
}

/** The first and the last pixel of one of some parts of a side, with its share of the strips. */
const spanOf = (index: number, parts: number, side: number): [from: number, to: number] => [
  Math.max(0, Math.round((index * side) / parts) - SHARED / 2),
  Math.min(side, Math.round(((index + 1) * side) / parts) + SHARED / 2),
];
