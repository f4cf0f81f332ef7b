import { voice } from '@livekit/agents';
import type { SpeechItem } from './audio-receiver.ts';

/** Speech that goes with one picture. */
export interface Slice {
  /** 16 bit PCM; empty where nothing is said. */
  samples: Int16Array;
  /** Whether a segment ends behind it. */
  isEnd: boolean;
}

/** Speech that waits for its pictures. Who pushes waits while there is more than enough. */
export class SpeechBuffer {
  readonly #limit: number;
  #items: SpeechItem[] = [];
  /** Samples of the first item that are taken already. */
  #taken = 0;
  #size = 0;
  #onRoom: (() => void) | undefined;

  /** @param limit - Samples of all channels together, from which on a push waits. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Done when there is room for more, or nothing left of it. For one caller at a time. */
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
   * The next so many samples of one segment; fewer only at its end, none as long as there are not
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

  /** Forgets everything, and ends the wait of who pushes. */
  clear(): void {
    this.#items = [];
    this.#taken = 0;
    this.#size = 0;
    this.#freeRoom();
  }

  /** Whether a segment ends within so many samples; `undefined` while nobody can know. */
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
