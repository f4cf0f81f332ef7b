import { AudioFrame } from '@livekit/rtc-node';
import type { PcmFormat } from './avatar-protocol.ts';

const BYTES_PER_SAMPLE = 2;

/**
 * Cuts raw 16-bit little-endian PCM into frames of equal length. Chunks may end anywhere, even
 * within a sample. The framework's AudioByteStream counts stereo samples twice, and drops an entire
 * tail that ends within a sample.
 */
export class PcmFramer {
  readonly #format: PcmFormat;
  readonly #frame: Uint8Array;
  #filled = 0;

  /** @param frameMs - Length of a frame, in ms. */
  constructor(format: PcmFormat, frameMs: number) {
    this.#format = format;
    const samples = Math.max(1, Math.round((format.sampleRate * frameMs) / 1000));
    this.#frame = new Uint8Array(samples * format.channels * BYTES_PER_SAMPLE);
  }

  /** The frames that are complete now. */
  push(chunk: Uint8Array): AudioFrame[] {
    const frames: AudioFrame[] = [];
    let at = 0;
    while (at < chunk.length) {
      const part = chunk.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#frame.length) continue;
      frames.push(this.#take(this.#frame.length));
    }
    return frames;
  }

  /**
   * The rest at the end of a segment: a shorter frame, and the number of bytes that form no
   * complete sample of every channel.
   */
  flush(): { frame: AudioFrame | undefined; lostBytes: number } {
    const lostBytes = this.#filled % (this.#format.channels * BYTES_PER_SAMPLE);
    const whole = this.#filled - lostBytes;
    const frame = whole > 0 ? this.#take(whole) : undefined;
    this.#filled = 0;
    return { frame, lostBytes };
  }

  #take(bytes: number): AudioFrame {
    const { sampleRate, channels } = this.#format;
    const data = new Int16Array(bytes / BYTES_PER_SAMPLE);
    new Uint8Array(data.buffer).set(this.#frame.subarray(0, bytes));
    this.#filled = 0;
    return new AudioFrame(data, sampleRate, channels, data.length / channels);
  }
}
