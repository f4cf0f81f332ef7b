import { setPublicationEnabled } from '../internals/rtc-publication-control.ts';

/** `pause`: until the next look. `off`: until the eyes open again. */
export type OffReason = 'pause' | 'off';

/**
 * Which publications the server was told not to send: each as long as there is a reason left.
 * Others may read the same tracks, so what is switched off here is switched on again here.
 */
export class PublicationSwitches {
  readonly #reasons = new Map<object, Set<OffReason>>();
  readonly #switchedOnAt = new WeakMap<object, number>();

  /** @returns whether it is off now: not where the server cannot be told. */
  off(publication: object, reason: OffReason): boolean {
    const reasons = this.#reasons.get(publication);
    if (reasons) reasons.add(reason);
    else if (!setPublicationEnabled(publication, false)) return false;
    else this.#reasons.set(publication, new Set([reason]));
    return true;
  }

  /** Takes the reason back; the video comes when it was the last one. */
  on(publication: object, reason: OffReason): void {
    const reasons = this.#reasons.get(publication);
    if (!reasons?.delete(reason) || reasons.size > 0) return;
    this.#reasons.delete(publication);
    this.#switchedOnAt.set(publication, performance.now());
    setPublicationEnabled(publication, true);
  }

  /** Takes the reason back from all. */
  allOn(reason: OffReason): void {
    for (const publication of [...this.#reasons.keys()]) this.on(publication, reason);
  }

  /** How long ago it was switched on, in ms; endless where it never was off. */
  msSinceOn(publication: object): number {
    const at = this.#switchedOnAt.get(publication);
    return at === undefined ? Number.POSITIVE_INFINITY : performance.now() - at;
  }
}
