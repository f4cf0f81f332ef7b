/** Counts of frames. Each received frame ends in exactly one of them. */
export interface FrameCounts {
  /** Frames that arrived from the track. */
  received: number;
  /** Replaced by a newer frame, or dropped at the end of the stream, without being used. */
  replaced: number;
  /** Used: `sampled = sent + skipped + pending`. */
  sampled: number;
  /** Sent to a model, or passed to the application. */
  sent: number;
  /** Used without being sent, by reason. */
  skipped: Record<string, number>;
  /** In use, or still in the slot after a use. */
  pending: number;
  /** In the slot, unused: `received = replaced + sampled + held`. */
  held: number;
  /** Empty frames that rtc-node emits at the end of a subscription; not in `received`. */
  placeholders: number;
}

/** The frame counts of a session. */
export class FrameLedger {
  #received = 0;
  #replaced = 0;
  #sampled = 0;
  #sent = 0;
  #placeholders = 0;
  readonly #skipped = new Map<string, number>();

  /** @returns the number of this frame, from 1, unique within the session. */
  received(): number {
    return ++this.#received;
  }

  replaced(): void {
    this.#replaced++;
  }

  sampled(): void {
    this.#sampled++;
  }

  sent(): void {
    this.#sent++;
  }

  skipped(reason: string): void {
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
  }

  /** A frame that counted as sent was refused by the service. */
  refused(): void {
    this.#sent--;
    this.skipped('refused');
  }

  placeholder(): void {
    this.#placeholders++;
  }

  counts(): FrameCounts {
    const skipped = Object.fromEntries(this.#skipped);
    const skippedTotal = [...this.#skipped.values()].reduce((sum, n) => sum + n, 0);
    return {
      received: this.#received,
      replaced: this.#replaced,
      sampled: this.#sampled,
      sent: this.#sent,
      skipped,
      pending: this.#sampled - this.#sent - skippedTotal,
      held: this.#received - this.#replaced - this.#sampled,
      placeholders: this.#placeholders,
    };
  }
}
