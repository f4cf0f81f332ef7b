/** A segment of speech on its way through the avatar. */
export interface Segment {
  /** Audio of it that was given to the source, in ms. */
  pushedMs: number;
  /** When that audio is heard to its end, in ms as `performance.now()` tells it. */
  endsAt: number;
}

/**
 * Which segments have not been reported yet, in order: so that each is reported exactly once,
 * whether it is played, cut off or never begun.
 */
export class SegmentLedger {
  /** Oldest first. The first `#spoken` of them have come out of the generator to their ends. */
  #unreported: Segment[] = [];
  #spoken = 0;
  #taking = false;

  /** Something of the newest segment goes into the generator. */
  onTaken(isEnd: boolean): void {
    if (!this.#taking) this.#unreported.push({ pushedMs: 0, endsAt: Number.NEGATIVE_INFINITY });
    this.#taking = !isEnd;
  }

  /** The segment that comes out of the generator; none when it makes audio of its own accord. */
  get speaking(): Segment | undefined {
    return this.#unreported[this.#spoken];
  }

  /** All of the segment that comes out is out. */
  onSpoken(): Segment | undefined {
    const segment = this.speaking;
    if (segment) this.#spoken += 1;
    return segment;
  }

  /** The oldest segment is heard to its end. */
  onHeard(): void {
    this.#unreported.shift();
    this.#spoken -= 1;
  }

  /** Forgets all segments. @returns how much of each was heard, in ms. */
  cut(now: number): number[] {
    const heard = this.#unreported.map(({ pushedMs, endsAt }) =>
      pushedMs === 0 ? 0 : Math.min(pushedMs, Math.max(0, pushedMs - (endsAt - now))),
    );
    this.#unreported = [];
    this.#spoken = 0;
    this.#taking = false;
    return heard;
  }
}
