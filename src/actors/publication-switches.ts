import { setPublicationEnabled } from '../internals/rtc-publication-control.ts';

/** `pause`: until the next look. A symbol is a source's own: until its eyes open again. */
export type OffReason = 'pause' | symbol;

interface Subscribable {
  setSubscribed?(subscribed: boolean): void;
}

/**
 * What the server was asked about publications: not to send them, as long as there is a reason
 * left, and to subscribe them, as long as a source needs them. Others may read the same tracks, so
 * what is switched off here is switched on again here.
 */
export class PublicationSwitches {
  readonly #reasons = new Map<object, Set<OffReason>>();
  readonly #switchedOnAt = new WeakMap<object, number>();
  /** Which sources asked for a subscription. */
  readonly #subscribers = new Map<Subscribable, Set<symbol>>();
  /** Whose subscription was given back, and by which source. */
  readonly #givenBack = new WeakMap<object, symbol>();

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

  /** Asks for a subscription, for this source. */
  subscribe(publication: Subscribable, source: symbol): void {
    const subscribers = this.#subscribers.get(publication) ?? new Set();
    this.#subscribers.set(publication, subscribers.add(source));
    this.#givenBack.delete(publication);
    publication.setSubscribed?.(true);
  }

  /** Gives the subscription back, unless another source needs it. */
  unsubscribe(publication: Subscribable, source: symbol): void {
    const subscribers = this.#subscribers.get(publication);
    if (!subscribers?.delete(source) || subscribers.size > 0) return;
    this.#subscribers.delete(publication);
    this.#givenBack.set(publication, source);
    publication.setSubscribed?.(false);
  }

  /** Takes back all that this source asked for. */
  leave(source: symbol): void {
    this.allOn(source);
    for (const publication of [...this.#subscribers.keys()]) this.unsubscribe(publication, source);
  }

  /** Whether another source gave its subscription back: it can be had again. */
  wasGivenBackByOther(publication: object, source: symbol): boolean {
    const giver = this.#givenBack.get(publication);
    return giver !== undefined && giver !== source;
  }

  /** How long ago it was switched on, in ms; endless where it never was off. */
  msSinceOn(publication: object): number {
    const at = this.#switchedOnAt.get(publication);
    return at === undefined ? Number.POSITIVE_INFINITY : performance.now() - at;
  }
}
