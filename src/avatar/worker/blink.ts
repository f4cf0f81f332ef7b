/** A blink, in ms: eyes half shut, shut, half open. */
const PHASE_MS = 45;

/** Between two blinks, in ms. */
const SHORTEST_REST_MS = 1800;
const LONGEST_REST_MS = 5200;

/** How far the eyes are shut: 0 open, 1 half, 2 shut. */
export type Lids = 0 | 1 | 2;

const PHASES: readonly Lids[] = [1, 2, 1];

/** Eyelids that blink from time to time. */
export class Blink {
  readonly #random: () => number;
  #restMs: number;
  #phaseMs = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
    this.#restMs = this.#nextRest();
  }

  /** @param elapsedMs - Since the last call. */
  move(elapsedMs: number): Lids {
    if (this.#restMs > 0) {
      this.#restMs -= elapsedMs;
      return 0;
    }
    const lids = PHASES[Math.floor(this.#phaseMs / PHASE_MS)];
    this.#phaseMs += elapsedMs;
    if (lids !== undefined) return lids;
    this.#phaseMs = 0;
    this.#restMs = this.#nextRest();
    return 0;
  }

  #nextRest(): number {
    return SHORTEST_REST_MS + this.#random() * (LONGEST_REST_MS - SHORTEST_REST_MS);
  }
}
