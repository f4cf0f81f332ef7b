import { voice } from '@livekit/agents';
import type { SpeechItem } from './audio-receiver.ts';
import { HandoverQueue } from './handover-queue.ts';
import type { IncomingSegment } from './incoming-segment.ts';

interface Handed {
  segment: IncomingSegment;
  item: SpeechItem;
}

/** Speech that arrived and was not read yet: its segments, items and size. */
export class SegmentQueue {
  readonly #items = new HandoverQueue<Handed>((handed) => this.#onHandover(handed));
  /** Segments with unread items, at least the mark. */
  readonly #open = new Set<IncomingSegment>();
  #waitingBytes = 0;

  /** Number of segments with unread items. */
  get segments(): number {
    return this.#open.size;
  }

  /** Size of the unread frames, in bytes. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  open(segment: IncomingSegment): void {
    this.#open.add(segment);
  }

  /** Items of a dropped segment are ignored. */
  push(segment: IncomingSegment, item: SpeechItem): void {
    if (segment.dropped) return;
    this.#waitingBytes += bytesIn(item);
    this.#items.push({ segment, item });
  }

  /** The oldest item as soon as there is one; `undefined` after the close. */
  async next(): Promise<SpeechItem | undefined> {
    return (await this.#items.next())?.item;
  }

  /**
   * Drops every segment that was not read to its end.
   *
   * @returns the number of segments of which nothing was read.
   */
  clear(): number {
    const unheard = [...this.#open].filter(({ heard }) => !heard).length;
    this.#items.clear();
    this.#waitingBytes = 0;
    void this.#dropAll();
    return unheard;
  }

  /** Drops all items, and ends the consumer's wait. */
  async close(): Promise<void> {
    this.#items.close();
    await this.#dropAll();
  }

  #onHandover({ segment, item }: Handed): void {
    segment.heard = true;
    this.#waitingBytes -= bytesIn(item);
    if (item instanceof voice.AudioSegmentEnd) this.#open.delete(segment);
  }

  async #dropAll(): Promise<void> {
    const dropped = [...this.#open];
    this.#open.clear();
    for (const segment of dropped) segment.dropped = true;
    await Promise.all(dropped.map((segment) => segment.close()));
  }
}

const bytesIn = (item: SpeechItem): number =>
  item instanceof voice.AudioSegmentEnd ? 0 : item.data.byteLength;
