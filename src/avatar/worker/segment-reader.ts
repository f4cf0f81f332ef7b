import { voice } from '@livekit/agents';
import { AvatarError } from '../../errors.ts';
import { textOf } from '../../thrown.ts';
import { formatOf, MAX_QUOTE } from './avatar-protocol.ts';
import type { IncomingSegment } from './incoming-segment.ts';
import { PcmFramer } from './pcm-framer.ts';
import type { SegmentQueue } from './segment-queue.ts';

/** How a segment is read. Times are in ms. */
export interface ReadLimits {
  /** A segment without new data for this long is ended. */
  idleTimeoutMs: number;
  /** The same limit if the next segment has begun. */
  supersededTimeoutMs: number;
  /** Length of the frames. */
  frameMs: number;
}

/** Limit of unplayed speech, in bytes: 20 minutes at 24 kHz. Agents send it in bursts. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Reads one segment to its end. Its frames and a mark go to the queue in any case. */
export class SegmentReader {
  readonly #segment: IncomingSegment;
  readonly #queue: SegmentQueue;
  readonly #limits: ReadLimits;
  readonly #isSuperseded: () => boolean;
  readonly #onFault: (error: AvatarError) => void;

  /** @param isSuperseded - Whether the next segment has begun. */
  constructor(
    segment: IncomingSegment,
    queue: SegmentQueue,
    limits: ReadLimits,
    isSuperseded: () => boolean,
    onFault: (error: AvatarError) => void,
  ) {
    this.#segment = segment;
    this.#queue = queue;
    this.#limits = limits;
    this.#isSuperseded = isSuperseded;
    this.#onFault = onFault;
  }

  async read(): Promise<void> {
    const segment = this.#segment;
    const { attributes } = segment.reader.info;
    const format = formatOf(attributes);
    if (format) {
      const framer = new PcmFramer(format, this.#limits.frameMs);
      await this.#readChunks(framer);
      const { frame, lostBytes } = framer.flush();
      if (frame) this.#queue.push(segment, frame);
      if (lostBytes > 0 && !segment.dropped)
        this.#lost(`its last ${lostBytes} bytes are not a whole sample`);
    } else if (!segment.dropped) {
      const got = JSON.stringify({ ...attributes }).slice(0, MAX_QUOTE);
      this.#lost(`its attributes have no usable sample_rate and num_channels: ${got}`);
    }
    await segment.close();
    this.#queue.push(segment, new voice.AudioSegmentEnd());
  }

  async #readChunks(framer: PcmFramer): Promise<void> {
    const segment = this.#segment;
    const { idleTimeoutMs, supersededTimeoutMs } = this.#limits;
    let supersededAt: number | undefined;
    try {
      while (!segment.dropped) {
        const superseded = this.#isSuperseded();
        if (superseded) supersededAt ??= performance.now();
        const limitMs = superseded ? supersededTimeoutMs : idleTimeoutMs;
        const chunk = await segment.next(limitMs);
        if (chunk === 'end' || segment.dropped) return;
        if (chunk === 'late') {
          const why = this.#isSuperseded()
            ? 'the next one came'
            : `nothing came for ${idleTimeoutMs} ms`;
          this.#lost(`its end did not come, and ${why}`);
          return;
        }
        for (const frame of framer.push(chunk)) this.#queue.push(segment, frame);
        const why = this.#whyTooMuch(supersededAt);
        if (why) {
          this.#lost(why);
          return;
        }
      }
    } catch (error) {
      if (!segment.dropped) this.#lost(`it broke off: ${textOf(error)}`, error);
    }
  }

  /** Unread speech is held here, so a segment without an end is cut off. */
  #whyTooMuch(supersededAt: number | undefined): string | undefined {
    const { idleTimeoutMs } = this.#limits;
    if (this.#queue.waitingBytes > MAX_WAITING_BYTES)
      return `more than ${MAX_WAITING_BYTES} bytes of speech wait to be played`;
    if (supersededAt !== undefined && performance.now() - supersededAt > idleTimeoutMs)
      return `it went on for ${idleTimeoutMs} ms after the next one had begun`;
    return undefined;
  }

  #lost(why: string, cause?: unknown): void {
    this.#onFault(new AvatarError('stream', `segment ${this.#segment.name}: ${why}`, { cause }));
  }
}
