import { turnImage } from '../actors/turn-pictures.ts';
import { OVERVIEW_SIDE, TILED_SIDE, TURN_SIDE } from '../defaults.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import type { PictureRequest } from '../frames/gate.types.ts';
import type { TileRequest } from '../frames/tiles.ts';
import type { SourceKind } from '../source.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** How the turns of a pipeline show each kind of source. */
export class TurnImages {
  readonly #turn: ResolvedOptions['turn'];
  readonly #input: Pick<ResolvedOptions['input'], 'screenImage' | 'screenTiles'>;
  #expectsRegions = false;

  constructor({ turn, input }: Pick<ResolvedOptions, 'turn' | 'input'>) {
    this.#turn = turn;
    this.#input = input;
  }

  /** The model can ask for parts of a screen, so it gets a smaller picture of the whole. */
  expectRegions(): void {
    this.#expectsRegions = true;
  }

  /** As one picture. */
  readonly one = (source: SourceKind): EncodeOptions => {
    if (source !== 'screen') return turnImage(this.#turn);
    const { screenImage, screenTiles } = this.#input;
    const isOverview = this.#expectsRegions && screenTiles === undefined;
    return { ...turnImage(this.#turn, isOverview ? OVERVIEW_SIDE : TURN_SIDE), ...screenImage };
  };

  /** As the newest picture of a turn, with tiles if the screen needs them. */
  readonly newest = (source: SourceKind): Pick<PictureRequest, 'image' | 'tiles'> => ({
    image: this.one(source),
    tiles: this.#tiles(source),
  });

  #tiles(source: SourceKind): TileRequest | undefined {
    const { screenImage, screenTiles: most } = this.#input;
    if (source !== 'screen' || most === undefined) return undefined;
    const overview = { ...turnImage(this.#turn, TILED_SIDE), ...screenImage };
    return { most, maxBytes: this.#turn.maxBytes, overview };
  }
}
