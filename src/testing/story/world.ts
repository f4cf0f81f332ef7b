import type { SamplingMode } from '../../source.ts';
import type { Person, Shared } from './steps.ts';

/** Why a picture must no longer be seen. */
export type TakenBy = 'off' | 'mute' | 'unshare' | 'leave';

/** A picture that a camera or a screen showed from a moment on. Times are in ms since the epoch. */
export interface Showing {
  readonly share: Share;
  readonly level: number;
  readonly isUpright: boolean;
  readonly from: number;
  /** When a reader of the track had it. */
  seenAt?: number;
  /** The next picture of the same camera. */
  next?: Showing;
  /** From when on it must not be seen. */
  taken?: { readonly at: number; readonly by: TakenBy };
  /** The video was off, or the agent served another participant. */
  hidden: { readonly by: 'off' | 'not served'; readonly from: number; until: number } | undefined;
}

/** A camera or a screen that is shared. */
export interface Share {
  readonly who: Person;
  readonly what: Shared;
  isMuted: boolean;
  current?: Showing;
}

/** The share to watch from a moment on. */
export interface Watched {
  readonly at: number;
  readonly share: Share | undefined;
  /** A change is on its way to the agent: the share is watched, or not yet, or no longer. */
  readonly isUncertain?: true;
}

const LEVELS = 10;

/**
 * What the people of a story show, and what the agent may see of it. Derived from the steps alone,
 * not from reports of a library.
 */
export class World {
  readonly showings: Showing[] = [];
  /** The shares to watch, in order. */
  readonly watched: Watched[] = [];
  readonly #hasLink: boolean;
  /** Stays after the person left, until another one is chosen. */
  #linked: Person | undefined;
  #isStarted = false;
  #mode: SamplingMode = 'sampled';
  #pinned: Shared | null = null;
  readonly #people: Person[] = [];
  /** Oldest first. */
  readonly #shares: Share[] = [];
  #levels = 0;
  #isOver = false;

  /** @param hasLink - Whether the agent session has the room, and so links a participant. */
  constructor(hasLink: boolean) {
    this.#hasLink = hasLink;
  }

  /**
   * The person whom the agent serves: the linked one, even if only the other is in the room.
   * Without a link, the first one to join of those in the room.
   */
  get served(): Person | undefined {
    if (!this.#linked) return this.#people[0];
    return this.#people.find((who) => who === this.#linked);
  }

  /** Those in the room, in the order in which they joined. */
  get people(): readonly Person[] {
    return [...this.#people];
  }

  get mode(): SamplingMode {
    return this.#mode;
  }

  /** The agent has started. The framework links the first person. */
  start(): void {
    this.#isStarted = true;
    this.#linkFirst();
  }

  join(who: Person): void {
    this.#people.push(who);
    this.#linkFirst();
    this.#note();
  }

  /** Another person is served from now on. */
  link(who: Person): void {
    const before = this.served;
    this.#linked = who;
    const from = Date.now();
    if (who !== before)
      for (const showing of this.showings)
        if (showing.share.who === before && !isHidden(showing))
          showing.hidden = { by: 'not served', from, until: Number.POSITIVE_INFINITY };
    this.#note();
  }

  /** Removes a person with their shares. */
  leave(who: Person): void {
    for (const share of this.sharesOf(who)) this.unshare(share, 'leave');
    this.#people.splice(this.#people.indexOf(who), 1);
    this.#note();
  }

  share(who: Person, what: Shared, isUpright = true): Share {
    const share: Share = { who, what, isMuted: false };
    this.#shares.push(share);
    this.show(share, isUpright);
    return share;
  }

  unshare(share: Share, by: TakenBy = 'unshare'): void {
    this.#take(share, by);
    this.#shares.splice(this.#shares.indexOf(share), 1);
    this.#note();
  }

  mute(share: Share): void {
    share.isMuted = true;
    this.#take(share, 'mute');
    this.#note();
  }

  unmute(share: Share): void {
    share.isMuted = false;
    this.#note();
  }

  /** A change of the mode is on its way to the agent, until the next `setMode`. */
  requestMode(mode: SamplingMode): void {
    // What an agent may see again, it may see from now on. What it must not, from the answer on.
    if (mode !== 'off') this.setMode(mode);
    this.unsettle();
  }

  /** A change is on its way to the agent, until the next one that is made here, or `settle`. */
  unsettle(): void {
    const share = this.watched.at(-1)?.share;
    this.watched.push({ at: Date.now(), share, isUncertain: true });
  }

  /** The agent has what it had before. */
  settle(): void {
    this.#note();
  }

  /** Pictures on their way are withdrawn: a turn that is under way may have none. */
  withdraw(change: () => void): void {
    this.unsettle();
    change();
    this.#note();
  }

  setMode(mode: SamplingMode): void {
    if (mode === 'off') for (const share of this.#shares) this.#take(share, 'off');
    this.#mode = mode;
    this.#note();
  }

  pin(what: Shared | null): void {
    this.#pinned = what;
    this.#note();
  }

  /** The session ends: no picture is expected any more. */
  end(): void {
    this.#isOver = true;
    this.#note();
  }

  /** The camera shows another picture from now on. */
  show(share: Share, isUpright = share.current?.isUpright ?? true): Showing {
    const hidden =
      this.#mode === 'off' ? 'off' : share.who === this.served ? undefined : 'not served';
    const from = Date.now();
    const showing: Showing = {
      share,
      level: this.#nextLevel(),
      isUpright,
      from,
      hidden: hidden && { by: hidden, from, until: Number.POSITIVE_INFINITY },
    };
    if (share.current) share.current.next = showing;
    share.current = showing;
    this.showings.push(showing);
    this.#note();
    return showing;
  }

  sharesOf(who: Person): Share[] {
    return this.#shares.filter((share) => share.who === who);
  }

  find(who: Person, what: Shared): Share | undefined {
    return this.#shares.find((share) => share.who === who && share.what === what);
  }

  get shares(): readonly Share[] {
    return this.#shares;
  }

  #linkFirst(): void {
    if (this.#hasLink && this.#isStarted) this.#linked ??= this.#people[0];
  }

  #take(share: Share, by: TakenBy): void {
    const { current } = share;
    for (let showing = current; showing; showing = this.#before(showing))
      showing.taken ??= { at: Date.now(), by };
  }

  #before(showing: Showing): Showing | undefined {
    return this.showings.findLast(({ next }) => next === showing);
  }

  /** Notes the share to watch: the newest one of the served person that is not muted. */
  #note(): void {
    const at = Date.now();
    for (const { hidden, share } of this.showings) {
      const isOver =
        hidden?.by === 'off' ? this.#mode !== 'off' : hidden && share.who === this.served;
      if (hidden && isOver) hidden.until = Math.min(hidden.until, at);
    }
    const share =
      this.#mode === 'off' || this.#isOver
        ? undefined
        : this.#shares.findLast(
            ({ who, what, isMuted }) =>
              who === this.served && !isMuted && (this.#pinned ?? what) === what,
          );
    const last = this.watched.at(-1);
    if (last?.share !== share || last?.isUncertain) this.watched.push({ at, share });
  }

  /** The level unused for longest, so that a level identifies a picture as long as possible. */
  #nextLevel(): number {
    const used = new Set(this.#shares.map(({ current }) => current?.level));
    do this.#levels = (this.#levels + 1) % LEVELS;
    while (used.has(this.#levels));
    return this.#levels;
  }
}

const isHidden = ({ hidden }: Showing): boolean => hidden?.until === Number.POSITIVE_INFINITY;
