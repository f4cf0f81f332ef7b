/** Loudness of someone who speaks near the microphone, from 0 to 1. */
const LOUD = 0.15;
/** Shorter sounds are no question, in ms. */
const MIN_SOUND_MS = 600;
/** Time in which a question usually gets its words on the page, in ms; a busy machine needs seconds. */
const PATIENCE_MS = 8000;

/** Notices sound of the microphone that no message follows. Times are in ms, on any clock. */
export class UnansweredSound {
  #loudMs = 0;
  #loudAt: number | undefined;
  #at: number | undefined;

  /** @returns whether the user has spoken, and waits for longer than an answer takes. */
  heard(loudness: number, at: number): boolean {
    const passed = at - (this.#at ?? at);
    this.#at = at;
    if (loudness >= LOUD) {
      this.#loudMs += passed;
      this.#loudAt = at;
    }
    if (this.#loudAt === undefined || at - this.#loudAt < PATIENCE_MS) return false;
    if (this.#loudMs >= MIN_SOUND_MS) return true;
    this.#loudMs = 0;
    this.#loudAt = undefined;
    return false;
  }
}
