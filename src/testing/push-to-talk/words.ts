import { AudioFrame } from '@livekit/rtc-node';

/** Long enough for each recognizer and service, in ms. */
const SOUND_MS = 300;

/** A sound that is the words themselves: one sample for each character, then silence. */
export function soundOf(words: string, sampleRate: number): AudioFrame {
  const samples = new Int16Array((sampleRate * SOUND_MS) / 1000);
  samples.set(Array.from(words, (letter) => letter.charCodeAt(0)));
  return new AudioFrame(samples, sampleRate, 1, samples.length);
}

/** The words of such sounds, which are 16-bit PCM. A sound that was resampled has none. */
export function wordsIn(sound: Uint8Array): string {
  // A copy, since samples are aligned.
  const samples = new Int16Array(new Uint8Array(sound).buffer);
  return String.fromCharCode(...samples.filter((sample) => sample !== 0));
}
