import type { Share, Showing, World } from './world.ts';

/** From one reader of a track that has a picture to another one that has it too, in ms. */
export const ON_ITS_WAY_MS = 60;

/** What was to be seen of a world in some time. Times are in ms since the epoch. */
export class Sight {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether a turn has to have a picture: none, one, or either while things change. */
  expected(from: number, to: number): 'none' | 'one' | 'either' {
    const { watched, showings } = this.#world;
    const inTime = watched.filter(
      ({ at }, index) =>
        at <= to && (watched[index + 1]?.at ?? Number.POSITIVE_INFINITY) >= from - ON_ITS_WAY_MS,
    );
    if (inTime.every(({ share }) => !share)) return 'none';
    const [only] = inTime;
    const isSettled = showings.some(
      (one) =>
        one.share === only?.share &&
        one.from >= only.at - 1 &&
        (one.seenAt ?? Number.POSITIVE_INFINITY) <= from,
    );
    return inTime.length === 1 && isSettled ? 'one' : 'either';
  }

  /** Whether it was the newest of what was watched, at some moment of this time. */
  isNewest(showing: Showing, from: number, to: number, slack: number): boolean {
    const { watched } = this.#world;
    if (!this.isCurrent(showing, from, slack)) return false;
    return watched.some(({ at, share }, index) => {
      if (share !== showing.share || at > to) return false;
      const next = watched[index + 1];
      if (!next) return true;
      return this.#firstSeen(next.share, next.at) + slack >= from;
    });
  }

  /** Whether no newer picture of its camera was there at that time. */
  isCurrent({ next }: Showing, from: number, slack: number): boolean {
    return next?.seenAt === undefined || next.seenAt + slack >= from;
  }

  /** When something of the share was seen first, from then on. */
  #firstSeen(share: Share | undefined, from: number): number {
    const seen = this.#world.showings.find(
      (one) => one.share === share && (one.seenAt ?? 0) >= from,
    );
    return Math.max(from, seen?.seenAt ?? from);
  }

  /** The share of this kind whose pictures were to be had in all of this time. */
  sharedAllTheTime(what: Share['what'], from: number, to: number): Share | undefined {
    const { showings, served } = this.#world;
    const first = showings.find(
      (one) =>
        one.share.what === what &&
        one.share.who === served &&
        (one.seenAt ?? Number.POSITIVE_INFINITY) <= from &&
        !(one.taken && one.taken.at <= to) &&
        !one.hidden,
    );
    return first?.share;
  }
}
