import { AudioFrame } from '@livekit/rtc-node';

/** Louder than this is speech: -40 dB of full scale. */
const LOUD = 32_768 / 100;
/** Loudness is judged in blocks of this length, in ms. */
const BLOCK_MS = 20;

/**
 * The audio of one stretch of speech. It is kept until all was heard: when the output that plays
 * it goes away, another one goes on from where it was.
 */
export class SpeechSegment {
  readonly #frames: AudioFrame[] = [];
  #durationMs = 0;
  #isComplete = false;
  #isCleared = false;
  #isOver = false;
  /** Frames that an output has taken. */
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  /** How much of it was heard, in ms: where another output begins. */
  heardMs = 0;

  get durationMs(): number {
    return this.#durationMs;
  }

  /** No more audio comes. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The user interrupted it. */
  get isCleared(): boolean {
    return this.#isCleared;
  }

  /** Done when an output has taken the frame, or it is not wanted any more: whoever speaks waits. */
  async push(frame: AudioFrame): Promise<void> {
    if (this.#isOver || this.#isCleared) return;
    const number = this.#frames.push(frame);
    this.#durationMs += durationOf(frame);
    this.#wake();
    while (this.#taken < number && !this.#isOver && !this.#isCleared) await this.changed();
  }

  complete(): void {
    this.#isComplete = true;
    this.#wake();
  }

  clear(): void {
    this.#isComplete = true;
    this.#isCleared = true;
    this.#wake();
  }

  /** It was played, or never will be. */
  end(): void {
    this.#isOver = true;
    this.#frames.length = 0;
    this.#wake();
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** The frames from a position in ms on, as they come, until the last one or the signal. */
  async *framesFrom(positionMs: number, signal: AbortSignal): AsyncGenerator<AudioFrame> {
    let startMs = 0;
    for (let index = 0; !signal.aborted && !this.#isOver && !this.#isCleared; ) {
      const frame = this.#frames[index];
      if (!frame) {
        if (this.#isComplete) return;
        await this.changed();
        continue;
      }
      const rest = after(frame, positionMs - startMs);
      if (rest) yield rest;
      startMs += durationOf(frame);
      this.#taken = Math.max(this.#taken, ++index);
      this.#wake();
    }
  }

  /** Whether there is speech nearly all the time between two positions, in ms. */
  isLoud(fromMs: number, toMs: number): boolean {
    let startMs = 0;
    let blocks = 0;
    let loud = 0;
    for (const frame of this.#frames) {
      const endMs = startMs + durationOf(frame);
      if (endMs > fromMs && startMs < toMs)
        for (const level of levels(frame)) {
          blocks++;
          if (level > LOUD) loud++;
        }
      startMs = endMs;
    }
    return startMs >= toMs && blocks > 0 && loud >= 0.8 * blocks;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
    this.#waiting.clear();
  }
}

/** In ms. */
export const durationOf = ({ samplesPerChannel, sampleRate }: AudioFrame): number =>
  (samplesPerChannel / sampleRate) * 1000;

/** What is left of a frame after so many ms. */
function after(frame: AudioFrame, ms: number): AudioFrame | undefined {
  if (ms <= 0) return frame;
  const { data, sampleRate, channels, samplesPerChannel } = frame;
  const skipped = Math.round((ms / 1000) * sampleRate);
  if (skipped >= samplesPerChannel) return undefined;
  return new AudioFrame(
    data.slice(skipped * channels),
    sampleRate,
    channels,
    samplesPerChannel - skipped,
  );
}

/** Root mean square of each block. */
function* levels({ data, sampleRate, channels }: AudioFrame): Generator<number> {
  const size = Math.round((BLOCK_MS / 1000) * sampleRate) * channels;
  for (let at = 0; at < data.length; at += size) {
    const block = data.subarray(at, at + size);
    const squares = block.reduce((sum, sample) => sum + sample * sample, 0);
    yield Math.sqrt(squares / block.length);
  }
}
