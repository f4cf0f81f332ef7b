import { voice } from '@livekit/agents';
import type { SpeechItem } from './audio-receiver.ts';

/** Speech that belongs to one picture. */
export interface Slice {
  /** 16-bit PCM; empty in silence. */
  samples: Int16Array;
  /** Whether a segment ends after it. */
  isEnd: boolean;
}

/** Speech that waits for its pictures. A push waits while the buffer is full. */
export class SpeechBuffer {
  readonly #limit: number;
  #items: SpeechItem[] = [];
  /** Samples of the first item that were taken already. */
  #taken = 0;
  #size = 0;
  #onRoom: (() => void) | undefined;

  /** @param limit - Samples of all channels together from which a push waits. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves when there is space again, or the buffer was cleared. For one caller at a time. */
  async push(item: SpeechItem): Promise<void> {
    const isEnd = item instanceof voice.AudioSegmentEnd;
    if (isEnd || item.data.length > 0) this.#items.push(item);
    if (isEnd) return;
    this.#size += item.data.length;
    while (this.#size >= this.#limit)
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
  }

  /**
   * The next `count` samples of one segment; fewer only at its end, and none while there are not
   * enough.
   */
  take(count: number): Slice {
    const isEnd = this.#endsWithin(count);
    if (isEnd === undefined) return { samples: new Int16Array(0), isEnd: false };
    const samples = new Int16Array(count);
    let filled = 0;
    for (let item = this.#items[0]; item && filled < count; item = this.#items[0]) {
      if (item instanceof voice.AudioSegmentEnd) break;
      const part = item.data.subarray(this.#taken, this.#taken + count - filled);
      samples.set(part, filled);
      filled += part.length;
      this.#taken += part.length;
      if (this.#taken < item.data.length) break;
      this.#items.shift();
      this.#taken = 0;
    }
    if (isEnd) this.#items.shift();
    this.#size -= filled;
    this.#freeRoom();
    return { samples: samples.subarray(0, filled), isEnd };
  }

  /** Drops everything, and ends the wait of a push. */
  clear(): void {
    this.#items = [];
    this.#taken = 0;
    this.#size = 0;
    this.#freeRoom();
  }

  /** Whether a segment ends within this many samples; `undefined` while that is unknown. */
  #endsWithin(count: number): boolean | undefined {
    let samples = -this.#taken;
    for (const item of this.#items) {
      if (item instanceof voice.AudioSegmentEnd) return true;
      samples += item.data.length;
      if (samples > count) return false;
    }
    return samples === count ? false : undefined;
  }

  #freeRoom(): void {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }
}
