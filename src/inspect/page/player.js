/** @import { History } from './history.js' */

/** Limits of the wait between two moments, in ms: each event is visible, long pauses are short. */
const WAIT_MS = { shortest: 20, longest: 1500 };
/** Events within this time are shown together, in ms. */
const MOMENT_MS = 10;

/** Plays the events back at the speed at which they happened. */
export class Player {
  playing = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #frame = 0;
  #onStep;

  /** @param {(seq: number) => void} onStep */
  constructor(onStep) {
    this.#onStep = onStep;
  }

  /**
   * @param {History} history
   * @param {number} position
   * @param {number} lastSeq
   */
  play(history, position, lastSeq) {
    this.stop();
    if (position >= lastSeq) return;
    this.playing = true;
    const at = (/** @type {number} */ seq) => history.entry(seq)?.row.at ?? 0;
    let seq = position;
    const next = () => {
      const moment = at(seq + 1);
      do seq++;
      while (seq < lastSeq && at(seq + 1) - moment < MOMENT_MS);
      if (seq >= lastSeq) this.stop();
      this.#onStep(seq);
      if (this.playing) wait();
    };
    const wait = () => {
      const ms = history.entry(seq) ? at(seq + 1) - at(seq) : 0;
      const limited = Math.min(WAIT_MS.longest, Math.max(WAIT_MS.shortest, ms));
      // Counted from the drawing of the event: a slow machine plays slower, but skips nothing.
      this.#frame = requestAnimationFrame(() => {
        this.#timer = setTimeout(next, limited);
      });
    };
    wait();
  }

  stop() {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.playing = false;
  }
}
