import { AudioFrame } from '@livekit/rtc-node';

/** Samples above this level count as speech: -40 dB of full scale. */
const LOUD = 32_768 / 100;
/** Loudness is measured in blocks of this length, in ms. */
const BLOCK_MS = 20;

/**
 * The audio of one speech segment. It is kept until all of it was heard, so that another output can
 * continue if the current one fails.
 */
export class SpeechSegment {
  readonly #frames: AudioFrame[] = [];
  #durationMs = 0;
  #isComplete = false;
  #isCleared = false;
  #isOver = false;
  /** Frames that an output has accepted. */
  #taken = 0;
  #onChange = () => {};
  #change = this.#nextChange();

  /** How much was heard, in ms: the position from which another output continues. */
  heardMs = 0;

  get durationMs(): number {
    return this.#durationMs;
  }

  /** All audio of the segment has arrived. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The user interrupted the segment. */
  get isCleared(): boolean {
    return this.#isCleared;
  }

  /** Resolves when an output has accepted the frame, or the frame is no longer needed. */
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

  /** The segment was played, or never will be. */
  end(): void {
    this.#isOver = true;
    this.#frames.length = 0;
    this.#wake();
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return this.#change;
  }

  /** The frames from a position in ms on, as they arrive, to the last one or the abort. */
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
    this.#onChange();
    this.#change = this.#nextChange();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve;
    });
  }
}

/** In ms. */
export const durationOf = ({ samplesPerChannel, sampleRate }: AudioFrame): number =>
  (samplesPerChannel / sampleRate) * 1000;

/** The rest of a frame after this many ms. */
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
