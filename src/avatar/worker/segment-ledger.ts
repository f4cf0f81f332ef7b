/** A speech segment on its way through the avatar. */
export interface Segment {
  /** Length of its audio that was given to the source, in ms. */
  pushedMs: number;
  /** When that audio will have been played, in ms of `performance.now()`. */
  endsAt: number;
}

/**
 * The segments that were not reported yet, in order, so that each is reported exactly once: played,
 * interrupted or never begun.
 */
export class SegmentLedger {
  /** Oldest first. The generator has finished the first `#spoken` of them. */
  #unreported: Segment[] = [];
  #spoken = 0;
  #taking = false;

  /** A part of the newest segment enters the generator. */
  onTaken(isEnd: boolean): void {
    if (!this.#taking) this.#unreported.push({ pushedMs: 0, endsAt: Number.NEGATIVE_INFINITY });
    this.#taking = !isEnd;
  }

  /** The segment that the generator is playing; none if it makes audio by itself. */
  get speaking(): Segment | undefined {
    return this.#unreported[this.#spoken];
  }

  /** The generator has finished the current segment. */
  onSpoken(): Segment | undefined {
    const segment = this.speaking;
    if (segment) this.#spoken += 1;
    return segment;
  }

  /** The oldest segment was played to its end. */
  onHeard(): void {
    this.#unreported.shift();
    this.#spoken -= 1;
  }

  /** Removes all segments. @returns how much of each was heard, in ms. */
  cut(now: number): number[] {
    const heard = this.#unreported.map(({ pushedMs, endsAt }) =>
      Math.min(pushedMs, Math.max(0, pushedMs - (endsAt - now))),
    );
    this.#unreported = [];
    this.#spoken = 0;
    this.#taking = false;
    return heard;
  }
}
