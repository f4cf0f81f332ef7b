/** @import { WireEvent } from '../wire.ts' */
import { labelOf, World } from './world.js';

/**
 * A line of the log.
 * @typedef {object} Row
 * @property {number} seq
 * @property {number} at In ms since the epoch.
 * @property {'event' | 'change' | 'actor' | 'other'} kind
 * @property {string} actorId
 * @property {string} actor Its name.
 * @property {string} source Name of the sender; empty if it has none.
 * @property {string} text
 * @property {string} search Text for the filter.
 */

/** A stored event.
 * @typedef {{ row: Row, wire: WireEvent, size: number }} Entry
 */

/** Events between two stored worlds. An earlier moment is computed from the last one before it. */
const CHECKPOINT_EVERY = 250;

/** The events of a session, and the world after each of them. */
export class History {
  /** The world after the last event. */
  now = new World();
  /** @type {Entry[]} */
  entries = [];
  firstSeq = 1;
  #base = new World();
  /** @type {Map<number, World>} */
  #checkpoints = new Map();
  #limits;
  /** Length of the messages that carried the entries. */
  #bytes = 0;

  /** @param {{ events: number, bytes: number }} limits */
  constructor(limits) {
    this.#limits = limits;
  }

  get lastSeq() {
    return this.firstSeq + this.entries.length - 1;
  }

  /** Times of the first and the last event, in ms since the epoch. */
  get span() {
    const from = this.entries[0]?.row.at ?? 0;
    return { from, to: this.entries.at(-1)?.row.at ?? from };
  }

  /**
   * Starts again with the actors from before the first event.
   * @param {WireEvent[]} base
   * @param {number} nextSeq
   */
  reset(base, nextSeq) {
    this.#base = new World();
    for (const event of base) this.#base.fold(nextSeq - 1, event);
    this.now = new World(this.#base);
    this.entries = [];
    this.#bytes = 0;
    this.#checkpoints.clear();
    this.firstSeq = nextSeq;
  }

  /** @param {number} seq @param {WireEvent} wire @param {number} size In characters of its text. */
  add(seq, wire, size) {
    if (seq !== this.lastSeq + 1) return;
    const change = this.now.fold(seq, wire);
    this.entries.push({ wire, row: this.#row(seq, wire, change), size });
    this.#bytes += size;
    if (seq % CHECKPOINT_EVERY === 0) this.#checkpoints.set(seq, new World(this.now));
    // In batches, because removing the first element moves all others.
    if (this.entries.length > this.#limits.events + 1000) this.#forget(1000);
    while (this.#bytes > this.#limits.bytes && this.entries.length > 1)
      this.#forget(Math.ceil(this.entries.length / 8));
  }

  /** @param {number} seq @returns {Entry | undefined} */
  entry(seq) {
    return this.entries[seq - this.firstSeq];
  }

  /**
   * The world right after this event.
   * @param {number} seq
   */
  at(seq) {
    if (seq >= this.lastSeq) return this.now;
    const mark = Math.floor(seq / CHECKPOINT_EVERY) * CHECKPOINT_EVERY;
    const known = this.#checkpoints.get(mark);
    const world = new World(known ?? this.#base);
    for (let next = known ? mark + 1 : this.firstSeq; next <= seq; next++) {
      const wire = this.entry(next)?.wire;
      if (wire) world.fold(next, wire);
    }
    return world;
  }

  /** @param {number} count */
  #forget(count) {
    for (const { wire, row, size } of this.entries.splice(0, count)) {
      this.#bytes -= size;
      this.#base.fold(row.seq, wire);
      this.#checkpoints.delete(row.seq);
    }
    this.firstSeq += count;
  }

  /**
   * @param {number} seq
   * @param {WireEvent} wire
   * @param {ReturnType<World['fold']>} change
   * @returns {Row}
   */
  #row(seq, wire, change) {
    const actor = this.#name(wire.sessionId);
    const source = wire.type === '@xstate.event' && wire.sourceId ? this.#name(wire.sourceId) : '';
    const { kind, text } = lineOf(wire, change);
    const search = `${actor} ${source} ${text} ${kind === 'change' && 'event' in wire ? wire.event.type : ''}`;
    const at = Number(wire.createdAt);
    return {
      seq,
      at,
      kind,
      actorId: wire.sessionId,
      actor,
      source,
      text,
      search: search.toLowerCase(),
    };
  }

  /** @param {string} id */
  #name(id) {
    const actor = this.now.actors.get(id);
    return actor ? labelOf(actor, this.now) : id;
  }
}

/**
 * @param {WireEvent} wire
 * @param {ReturnType<World['fold']>} change
 * @returns {Pick<Row, 'kind' | 'text'>}
 */
function lineOf(wire, change) {
  switch (wire.type) {
    case '@xstate.event':
      return { kind: 'event', text: wire.event.type };
    case '@xstate.actor':
      return { kind: 'actor', text: 'started' };
    case '@xstate.snapshot': {
      if (!change) return { kind: 'other', text: wire.event.type };
      const { from, to, status } = change;
      const states =
        from.length + to.length > 0 ? `${from.join(', ') || '·'} → ${to.join(', ') || '·'}` : '';
      const ended = status && status !== 'active' ? `${states ? ', ' : ''}${status}` : '';
      return states
        ? { kind: 'change', text: states + ended }
        : { kind: 'actor', text: ended || 'active' };
    }
    case '@sightline.loss':
      return { kind: 'actor', text: `${wire.dropped} events dropped so far` };
    default:
      return { kind: 'other', text: 'metrics' };
  }
}
