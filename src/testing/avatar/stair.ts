import { ReadableStream } from 'node:stream/web';
import { setTimeout as wait } from 'node:timers/promises';
import { AudioFrame } from '@livekit/rtc-node';

/** Sample rate of the speech, in Hz. */
export const STAIR_RATE = 24_000;
/** Length of its frames, in ms. */
export const PIECE_MS = 20;
/** Length of each pitch, in ms. After the last pitch, the stair starts again. */
export const STEP_MS = 200;
/** In Hz. */
const PITCHES = [400, 560, 720, 880, 1040, 1200, 1360, 1520, 1680, 1840, 2000, 2160];
/** Number of pitches. */
export const PITCH_COUNT = PITCHES.length;

/** Amplitude below which a piece is silence. */
const QUIET = 600;

/** Speech whose pitch rises in steps, as frames of 20 ms. The pitch identifies each part. */
export function stair(ms: number): AudioFrame[] {
  const length = (STAIR_RATE * PIECE_MS) / 1000;
  return Array.from({ length: ms / PIECE_MS }, (_, frame) => {
    const hertz = PITCHES[Math.floor((frame * PIECE_MS) / STEP_MS) % PITCHES.length] ?? 0;
    const samples = Int16Array.from({ length }, (_, sample) =>
      Math.round(12_000 * Math.sin((2 * Math.PI * hertz * (frame * length + sample)) / STAIR_RATE)),
    );
    return new AudioFrame(samples, STAIR_RATE, 1, length);
  });
}

/** {@link stair} as a stream for `session.say(text, { audio })`, which needs no TTS. */
export function stairSpeech(ms: number): ReadableStream<AudioFrame> {
  const frames = stair(ms);
  return new ReadableStream<AudioFrame>({
    start(controller) {
      for (const frame of frames) controller.enqueue(frame);
      controller.close();
    },
  });
}

/** Interval of generated frames, in ms: a bit shorter than the frames. */
const GENERATED_EVERY_MS = 15;

/** {@link stairSpeech} frame by frame, at the pace of a TTS or a realtime model. */
export function generatedStair(ms: number): ReadableStream<AudioFrame> {
  const frames = stair(ms);
  return new ReadableStream<AudioFrame>({
    async pull(controller) {
      const frame = frames.shift();
      if (!frame) return controller.close();
      controller.enqueue(frame);
      await wait(GENERATED_EVERY_MS);
    },
  });
}

/** The steps of a stair, which `Ears.steps` equals if all of it was heard. */
export const stairSteps = (ms: number): number[] =>
  Array.from({ length: ms / STEP_MS }, (_, step) => step % PITCHES.length);

/** Index of the loudest pitch, by Goertzel's algorithm; `undefined` for silence. */
export function pitchOf(samples: Int16Array): number | undefined {
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
  if (Math.sqrt(energy / samples.length) < QUIET) return undefined;
  const powers = PITCHES.map((hertz) => {
    const factor = 2 * Math.cos((2 * Math.PI * hertz) / STAIR_RATE);
    let before = 0;
    let last = 0;
    for (const sample of samples) [before, last] = [last, sample + factor * last - before];
    return last * last + before * before - factor * last * before;
  });
  return powers.indexOf(Math.max(...powers));
}
