/** At this loudness or below, the mouth is closed, in dB of full scale. */
const QUIET_DB = -48;

/** At this loudness or above, the mouth is wide open, in dB of full scale. */
const LOUD_DB = -14;

const FULL_SCALE = 32_768;

/** The mouth closes completely within this time, in ms; faster looks like flutter. */
const CLOSE_MS = 120;

/**
 * How far a mouth opens for this sound: 0 for silence, 1 for loud speech. Equal steps in dB are
 * equal steps of the mouth, as hearing is logarithmic.
 *
 * @param samples - 16-bit PCM of any number of channels.
 */
export function mouthOpening(samples: Int16Array): number {
  if (samples.length === 0) return 0;
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const rms = Math.sqrt(energy / samples.length) / FULL_SCALE;
  // Minus infinity at silence.
  const db = 20 * Math.log10(rms);
  return Math.min(1, Math.max(0, (db - QUIET_DB) / (LOUD_DB - QUIET_DB)));
}

/** A mouth that opens at once and closes gradually. */
export class Mouth {
  #opening = 0;

  /** @param elapsedMs - Since the last call. */
  move(target: number, elapsedMs: number): number {
    const lowest = this.#opening - elapsedMs / CLOSE_MS;
    this.#opening = Math.max(0, target, lowest);
    return this.#opening;
  }
}
