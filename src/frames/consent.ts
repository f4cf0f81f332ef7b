import type { FrameRef } from '../frame.ts';

/** What was taken away: all of it, one track, or all that a participant shows. */
export type TakenAway = 'all' | { trackSid: string } | { identity: string };

/** A picture that left the gate, and can be taken out of where it went. */
interface Revocable {
  readonly ref: FrameRef;
  readonly content: WeakRef<object>;
  withdraw(content: object): void;
}

/** Old entries are dropped when there are so many more than were alive the last time. */
const SWEEP_AFTER = 64;

/**
 * Under which consent a frame was taken, and whether it still holds. What was handed over stays
 * revocable: as soon as the video is off, it is taken out of every request that is not over.
 */
export class Consent {
  #generation = 0;
  readonly #tracks = new Map<string, number>();
  readonly #participants = new Map<string, number>();
  #handedOver: Revocable[] = [];
  #sweepAt = SWEEP_AFTER;

  /** What a frame that is taken now stands under: another one after it was taken away. */
  stamp({ trackSid, identity }: FrameRef): string {
    const track = this.#tracks.get(trackSid) ?? 0;
    return `${this.#generation}/${this.#participants.get(identity) ?? 0}/${track}`;
  }

  /** Keeps a picture that left: it is not kept alive by that. */
  keep<T extends object>(ref: FrameRef, content: T, withdraw: (content: T) => void): void {
    this.#handedOver.push({
      ref,
      content: new WeakRef<object>(content),
      withdraw: withdraw as (content: object) => void,
    });
    if (this.#handedOver.length < this.#sweepAt) return;
    this.#handedOver = this.#handedOver.filter((one) => one.content.deref());
    this.#sweepAt = this.#handedOver.length + SWEEP_AFTER;
  }

  /** From now on nothing that was taken before goes anywhere. */
  revoke(what: TakenAway): void {
    if (what === 'all') this.#generation++;
    else if ('trackSid' in what) count(this.#tracks, what.trackSid);
    else count(this.#participants, what.identity);
    const left: Revocable[] = [];
    for (const one of this.#handedOver) {
      if (!isOf(one.ref, what)) left.push(one);
      else {
        const content = one.content.deref();
        if (content) one.withdraw(content);
      }
    }
    this.#handedOver = left;
  }
}

const count = (counts: Map<string, number>, key: string) =>
  counts.set(key, (counts.get(key) ?? 0) + 1);

/** Whether this frame is among what was taken away. */
export const isOf = (ref: FrameRef, what: TakenAway): boolean => {
  if (what === 'all') return true;
  return 'trackSid' in what ? ref.trackSid === what.trackSid : ref.identity === what.identity;
};
