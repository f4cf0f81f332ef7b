import type { WireEvent } from './wire.ts';

/** An event as it is kept: as text, and what is needed to know of it without reading the text. */
export interface KeptEvent {
  /** Counts from 1 in each session. */
  seq: number;
  json: string;
  type: WireEvent['type'];
  sessionId: string;
  /** Of a snapshot: ids of the children that live. */
  children: readonly string[] | undefined;
  /** Of an actor. */
  parentId: string | undefined;
  name: string | undefined;
}

export interface RingLimits {
  events: number;
  bytes: number;
}

/** What an event takes beside its text, in bytes; about. */
const OVERHEAD = 200;

const sizeOf = ({ json }: KeptEvent) => json.length + OVERHEAD;

/** The newest events, limited in number and size. */
export class EventRing {
  bytes = 0;
  readonly #limits: RingLimits;
  readonly #onEvict: (event: KeptEvent) => void;
  #events: KeptEvent[] = [];
  /** How many at the front are gone already: shifting one at a time would copy all. */
  #head = 0;

  constructor(limits: RingLimits, onEvict: (event: KeptEvent) => void) {
    this.#limits = limits;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#events.length - this.#head;
  }

  /** Number of the oldest event that is kept; of the next one where none is. */
  get firstSeq(): number {
    return this.#events[this.#head]?.seq ?? 1;
  }

  push(event: KeptEvent): void {
    this.#events.push(event);
    this.bytes += sizeOf(event);
    while (this.size > this.#limits.events || (this.bytes > this.#limits.bytes && this.size > 1))
      this.#evict();
  }

  /** At most so many and so many bytes, from this number on; at least one if there is one. */
  from(seq: number, count: number, bytes: number): KeptEvent[] {
    const start = this.#head + Math.max(0, seq - this.firstSeq);
    const found: KeptEvent[] = [];
    let size = 0;
    for (let index = start; index < this.#events.length && found.length < count; index++) {
      const event = this.#events[index];
      if (!event) break;
      size += sizeOf(event);
      if (found.length > 0 && size > bytes) break;
      found.push(event);
    }
    return found;
  }

  #evict(): void {
    const event = this.#events[this.#head++];
    if (!event) return;
    this.bytes -= sizeOf(event);
    this.#onEvict(event);
    if (this.#head > 1024 && this.#head > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }
}
