import { setPublicationEnabled } from '../internals/rtc-publication-control.ts';

/**
 * `pause` lasts until the next look; a symbol identifies a source, whose reason lasts until its
 * video is on again.
 */
export type OffReason = 'pause' | symbol;

interface Subscribable {
  setSubscribed?(subscribed: boolean): void;
}

/**
 * Requests to the server about publications: to stop sending one while there is a reason, and to
 * subscribe one while a source needs it. Other sources may read the same tracks, so everything that
 * is switched off here is switched on again here.
 */
export class PublicationSwitches {
  readonly #reasons = new Map<object, Set<OffReason>>();
  readonly #switchedOnAt = new WeakMap<object, number>();
  /** Each subscription that a source requested. */
  readonly #requests: { publication: Subscribable; source: symbol }[] = [];
  /** The source that unsubscribed each publication. */
  readonly #givenBack = new WeakMap<object, symbol>();

  /** @returns whether the publication is off now; false if the server could not be asked. */
  off(publication: object, reason: OffReason): boolean {
    const reasons = this.#reasons.get(publication);
    if (reasons) reasons.add(reason);
    else if (!setPublicationEnabled(publication, false)) return false;
    else this.#reasons.set(publication, new Set([reason]));
    return true;
  }

  /** Removes a reason. The video resumes after the last one. */
  on(publication: object, reason: OffReason): void {
    const reasons = this.#reasons.get(publication);
    if (!reasons?.delete(reason) || reasons.size > 0) return;
    this.#reasons.delete(publication);
    this.#switchedOnAt.set(publication, performance.now());
    setPublicationEnabled(publication, true);
  }

  /** Removes this reason from all publications. */
  allOn(reason: OffReason): void {
    for (const publication of [...this.#reasons.keys()]) this.on(publication, reason);
  }

  /** Requests a subscription for this source. */
  subscribe(publication: Subscribable, source: symbol): void {
    if (this.#requestOf(publication, source) < 0) this.#requests.push({ publication, source });
    this.#givenBack.delete(publication);
    publication.setSubscribed?.(true);
  }

  /** Unsubscribes, unless another source needs the track. */
  unsubscribe(publication: Subscribable, source: symbol): void {
    const request = this.#requestOf(publication, source);
    if (request < 0) return;
    this.#requests.splice(request, 1);
    if (this.#requests.some((other) => other.publication === publication)) return;
    this.#givenBack.set(publication, source);
    publication.setSubscribed?.(false);
  }

  /** Removes all requests of this source. */
  leave(source: symbol): void {
    this.allOn(source);
    for (const { publication } of [...this.#requests]) this.unsubscribe(publication, source);
  }

  /** Whether another source unsubscribed the publication, so that it can be subscribed again. */
  wasGivenBackByOther(publication: object, source: symbol): boolean {
    const giver = this.#givenBack.get(publication);
    return giver !== undefined && giver !== source;
  }

  /** Time since it was switched on, in ms; infinite if it was never off. */
  msSinceOn(publication: object): number {
    const at = this.#switchedOnAt.get(publication);
    return at === undefined ? Number.POSITIVE_INFINITY : performance.now() - at;
  }

  #requestOf(publication: Subscribable, source: symbol): number {
    return this.#requests.findIndex(
      (one) => one.publication === publication && one.source === source,
    );
  }
}
