/** Pitch of a voice, in Hz. */
const PITCH_HZ = 220;

/** Length of a syllable with the pause after it, in ms. */
const SHORTEST_MS = 70;
const LONGEST_MS = 260;

/** A repeatable sequence of random numbers: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Sound with irregular beginnings and ends, like speech, so that it matches itself at one offset
 * only.
 */
export function syllables(seconds: number, sampleRate: number, random = seeded(7)): Int16Array {
  const samples = new Int16Array(Math.round(seconds * sampleRate));
  const length = () =>
    Math.round(((SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS)) * sampleRate) / 1000);
  for (let at = length(); at < samples.length; at += length()) {
    const end = Math.min(samples.length, at + length());
    const loudness = 2500 + 12_000 * random();
    for (; at < end; at += 1)
      samples[at] = loudness * Math.sin((2 * Math.PI * PITCH_HZ * at) / sampleRate);
  }
  return samples;
}
