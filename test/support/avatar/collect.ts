import { voice } from '@livekit/agents';
import type {
  AudioReceiver,
  ClearBufferEvent,
  SpeechItem,
} from '../../../src/avatar/worker/audio-receiver.ts';
import type { AvatarError } from '../../../src/errors.ts';
import { within } from '../../../src/testing/waits.ts';

/** Collects what a receiver delivers, segment by segment. */
export class Collector {
  /** Samples of each finished segment. */
  readonly segments: number[][] = [];
  /** Samples of the unfinished segment. */
  open: number[] = [];
  readonly clears: ClearBufferEvent[] = [];
  readonly errors: AvatarError[] = [];
  readonly done: Promise<void>;
  #onChange = () => {};

  constructor(receiver: AudioReceiver) {
    receiver.on('clearBuffer', (event) => {
      this.clears.push(event);
      // Like the runner: drops the rest of the segment.
      this.open = [];
      this.#onChange();
    });
    receiver.on('error', (error) => {
      this.errors.push(error);
      this.#onChange();
    });
    this.done = this.#take(receiver);
  }

  /** Waits until the condition holds; checks it after each item and event. */
  async until(what: string, holds: () => boolean): Promise<void> {
    while (!holds())
      await within(
        what,
        new Promise<void>((resolve) => {
          this.#onChange = resolve;
        }),
      );
  }

  untilSegments(count: number): Promise<void> {
    return this.until(`segment ${count}`, () => this.segments.length >= count);
  }

  async #take(items: AsyncIterable<SpeechItem>): Promise<void> {
    for await (const item of items) {
      if (item instanceof voice.AudioSegmentEnd) {
        this.segments.push(this.open);
        this.open = [];
      } else this.open.push(...item.data);
      this.#onChange();
    }
  }
}

/** Samples in the wire format. */
export const bytesOf = (samples: readonly number[]): Uint8Array =>
  new Uint8Array(Int16Array.from(samples).buffer);
