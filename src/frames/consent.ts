import { LookError } from '../errors.ts';
import type { FrameRef } from '../frame.ts';

/** What was withdrawn: all video, one track, or all video of a participant. */
export type TakenAway = 'all' | { trackSid: string } | { identity: string };

/** A picture that left the gate, and can be removed from its request. */
interface Revocable {
  readonly ref: FrameRef;
  readonly content: WeakRef<object>;
  withdraw(content: object): void;
}

/** Old entries are removed after this many new ones. */
const SWEEP_AFTER = 64;

/**
 * Whether a frame may still be shown, by the consent under which it arrived. Pictures that left the
 * gate remain revocable: when video is switched off, they are removed from every unfinished
 * request.
 */
export class Consent {
  #generation = 0;
  readonly #tracks = new Map<string, number>();
  readonly #participants = new Map<string, number>();
  #handedOver: Revocable[] = [];
  #sweepAt = SWEEP_AFTER;

  /** Identifies the consent of a frame that arrives now. It changes with every withdrawal. */
  stamp({ trackSid, identity }: FrameRef): string {
    const track = this.#tracks.get(trackSid) ?? 0;
    return `${this.#generation}/${this.#participants.get(identity) ?? 0}/${track}`;
  }

  /**
   * Remembers a picture that left the gate, without keeping it alive.
   * @param withdraw - Gets the content as its argument. If it referred to the content itself, it
   * would keep it alive.
   */
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

  /** From now on, nothing that arrived before can be shown. */
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

/** Whether the withdrawal covers this frame. */
export const isOf = (ref: FrameRef, what: TakenAway): boolean => {
  if (what === 'all') return true;
  return 'trackSid' in what ? ref.trackSid === what.trackSid : ref.identity === what.identity;
};

/** The error for a frame that may no longer be shown. */
export const takenAway = () =>
  new LookError('off', 'what the frame shows was switched off or taken away since it was taken');
