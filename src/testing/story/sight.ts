import type { Share, Showing, Watched, World } from './world.ts';

/** Stalls in this time before a question may delay the pictures for the agent, in ms. */
export const STALLS_BEFORE_MS = 500;

/** The pictures of a world that an agent could see, by time. Times are in ms since the epoch. */
export class Sight {
  readonly #world: World;
  readonly #spreadMs: number;

  /** @param spreadMs - Most time between the arrivals of a picture at two readers of its track. */
  constructor(world: World, spreadMs: number) {
    this.#world = world;
    this.#spreadMs = spreadMs;
  }

  /** Whether a turn has to have a picture. `either` while the sources change. */
  expected(from: number, to: number): 'none' | 'one' | 'either' {
    const { showings } = this.#world;
    const inTime = this.#watched(from, to);
    if (inTime.some(({ isUncertain }) => isUncertain)) return 'either';
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

  /** Whether it was the newest picture of the watched source at some moment of this time. */
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

  /** Whether its camera had no newer picture at that time. */
  isCurrent({ next }: Showing, from: number, slack: number): boolean {
    return next?.seenAt === undefined || next.seenAt + slack >= from;
  }

  /** When a picture of the share was first seen, from this time on. */
  #firstSeen(share: Share | undefined, from: number): number {
    const seen = this.#world.showings.find(
      (one) => one.share === share && (one.seenAt ?? 0) >= from,
    );
    return Math.max(from, seen?.seenAt ?? from);
  }

  /** The share of this kind whose pictures were available during all of this time. */
  sharedAllTheTime(what: Share['what'], from: number, to: number): Share | undefined {
    const { showings, served } = this.#world;
    if (this.#watched(from, to).some(({ isUncertain }) => isUncertain)) return undefined;
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

  /** What is to be watched in this time. */
  #watched(from: number, to: number): Watched[] {
    const { watched } = this.#world;
    return watched.filter(
      ({ at }, index) =>
        at <= to && (watched[index + 1]?.at ?? Number.POSITIVE_INFINITY) >= from - this.#spreadMs,
    );
  }
}
