import { type VideoFrameEvent, VideoStream } from '@livekit/rtc-node';
import { encodeFrame } from '../../../src/frames/encode.ts';
import { type Counts, count, PICTURE, type Reader } from './reader.ts';
import type { Stream } from './subscription.ts';

/** The frames of a track as rtc-node delivers them: all of them, each copied into JavaScript. */
export const framesOf = ({ track }: Stream): ReadableStreamDefaultReader<VideoFrameEvent> =>
  new VideoStream(track).getReader() as ReadableStreamDefaultReader<VideoFrameEvent>;

/** The plain loop: reads every frame, and encodes one in `everyMs`. */
export class VideoStreamReader implements Reader {
  readonly #done: Promise<void>;
  #closed = false;

  constructor(stream: Stream, counts: Counts, everyMs: number) {
    this.#done = this.#read(framesOf(stream), counts, everyMs);
  }

  /** The loop ends with the next frame, or with the track. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#done;
  }

  async #read(
    reader: ReadableStreamDefaultReader<VideoFrameEvent>,
    counts: Counts,
    everyMs: number,
  ): Promise<void> {
    let nextAt = 0;
    while (!this.#closed) {
      const { done, value } = await reader.read();
      if (done) return;
      count(value.frame, counts);
      const now = performance.now();
      if (now < nextAt) continue;
      nextAt = now + everyMs;
      await encodeFrame(value, PICTURE);
      counts.pictures++;
    }
    await reader.cancel();
  }
}
