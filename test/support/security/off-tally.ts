import { numberIn } from './numbered-frame.ts';

/** Who says off. */
const WAYS = ['application', 'rpc', 'mute', 'unshare'] as const;
export type Way = (typeof WAYS)[number];

/** How many offs there are to be, and what they have to fall into. */
export interface OffQuota {
  readonly offs: number;
  /** Each of these has at least `between` offs between the request of a picture and its use. */
  readonly purposes: readonly string[];
  readonly between: number;
}

/** If the quota is not reached with so many times the offs, something is never under way. */
const MAX_SHARE = 4;

/** What the offs of one test fell into, and what left that must not. */
export class OffTally {
  readonly said: Record<Way, number> = { application: 0, rpc: 0, mute: 0, unshare: 0 };
  /** Offs that fell between the request of a picture and its use, by purpose. */
  readonly between = new Map<string, number>();
  readonly #quota: OffQuota;
  #ways = 0;
  readonly #violations: string[] = [];
  readonly #reading = new Set<Promise<void>>();

  constructor(quota: OffQuota) {
    this.#quota = quota;
  }

  get offs(): number {
    return Object.values(this.said).reduce((sum, count) => sum + count, 0);
  }

  /** Each as often as the others, however many agents are between this call and their off. */
  nextWay(): Way {
    return WAYS[this.#ways++ % WAYS.length] ?? 'application';
  }

  get isEnough(): boolean {
    const { offs, purposes, between } = this.#quota;
    if (this.offs >= MAX_SHARE * offs) return true;
    return (
      this.offs >= offs && purposes.every((purpose) => (this.between.get(purpose) ?? 0) >= between)
    );
  }

  off(way: Way, underWay: ReadonlyMap<string, ReadonlySet<unknown>>): void {
    this.said[way]++;
    for (const [purpose, uses] of underWay)
      this.between.set(purpose, (this.between.get(purpose) ?? 0) + uses.size);
  }

  /** A picture in base64 left: it must be of a frame that is newer than this one. */
  left(where: string, picture: string, forbidden: number): void {
    const reading = numberIn(Buffer.from(picture, 'base64')).then((number) => {
      if (number <= forbidden)
        this.#violations.push(`${where}: frame ${number}, after an off behind frame ${forbidden}`);
    });
    this.#reading.add(reading);
    void reading.finally(() => this.#reading.delete(reading));
  }

  /** What left that must not, once every picture is read. */
  async violations(): Promise<readonly string[]> {
    await Promise.all(this.#reading);
    return this.#violations;
  }
}
