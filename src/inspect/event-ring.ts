import type { WireEvent } from './wire.ts';

/** A kept event: its text, and the fields that are needed without parsing it. */
export interface KeptEvent {
  /** Counts from 1 in each session. */
  seq: number;
  json: string;
  type: WireEvent['type'];
  sessionId: string;
  /** Ids of the living children, for a snapshot. */
  children: readonly string[] | undefined;
  /** Id of the parent, for an actor. */
  parentId: string | undefined;
  name: string | undefined;
}

export interface RingLimits {
  events: number;
  bytes: number;
}

/** Approximate memory of an event in addition to its text, in bytes. */
const OVERHEAD = 200;

const sizeOf = ({ json }: KeptEvent) => json.length + OVERHEAD;

/** The newest events, limited in number and size. */
export class EventRing {
  bytes = 0;
  readonly #limits: RingLimits;
  readonly #onEvict: (event: KeptEvent) => void;
  #events: KeptEvent[] = [];
  /** Number of dropped events at the front: shifting them one at a time would copy the array. */
  #head = 0;

  constructor(limits: RingLimits, onEvict: (event: KeptEvent) => void) {
    this.#limits = limits;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#events.length - this.#head;
  }

  /** Number of the oldest kept event, or of the next one if there is none. */
  get firstSeq(): number {
    return this.#events[this.#head]?.seq ?? 1;
  }

  push(event: KeptEvent): void {
    this.#events.push(event);
    this.bytes += sizeOf(event);
    while (this.size > this.#limits.events || (this.bytes > this.#limits.bytes && this.size > 1))
      this.#evict();
  }

  /** At most `count` events and `bytes`, from this number on, and at least one if there is one. */
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
