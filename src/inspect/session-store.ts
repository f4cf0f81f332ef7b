import { EventEmitter } from 'node:events';
import type { RingLimits } from './event-ring.ts';
import { InspectedSession } from './inspected-session.ts';
import type { Recording } from './recording.ts';
import type { SessionSummary } from './view.ts';

/** Most sessions that are kept; the oldest finished one is dropped first. */
const MAX_SESSIONS = 32;

/** All agents that were connected, and all recordings. */
export class SessionStore {
  readonly #limits: RingLimits;
  readonly #sessions = new Map<string, InspectedSession>();
  /** Sessions by sender: a sender that reconnects continues its session. */
  readonly #instances = new Map<string, string>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #nextId = 1;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** `undefined` if all kept sessions are live. */
  connect(name: string, instance: string | undefined): InspectedSession | undefined {
    const known = instance === undefined ? undefined : this.#instances.get(instance);
    let session = known === undefined ? undefined : this.#sessions.get(known);
    if (session) session.connected = true;
    else {
      session = this.#add(name, 'live', Date.now());
      if (session && instance !== undefined) this.#instances.set(instance, session.id);
    }
    this.changed();
    return session;
  }

  load({ header, events, refused }: Recording): InspectedSession | undefined {
    const session = this.#add(header.name, 'recording', header.startedAt);
    if (!session) return undefined;
    session.connected = false;
    session.refused = refused;
    // Pixels are shown only if both sides of a live session enable them; recordings have none.
    for (const event of events)
      if (event.type === '@sightline.picture') session.refused++;
      else session.add(event);
    this.changed();
    return session;
  }

  get(id: string): InspectedSession | undefined {
    return this.#sessions.get(id);
  }

  list(): SessionSummary[] {
    return [...this.#sessions.values()].map((session) => session.summary());
  }

  /** Reports that the list of sessions changed. */
  changed(): void {
    this.#changes.emit('change');
  }

  onChange(listener: () => void): () => void {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  #add(name: string, kind: SessionSummary['kind'], startedAt: number) {
    if (this.#sessions.size >= MAX_SESSIONS && !this.#dropOldest()) return undefined;
    const id = `s${this.#nextId++}`;
    const session = new InspectedSession({ id, name, kind, startedAt, limits: this.#limits });
    session.onChange(() => this.changed());
    this.#sessions.set(id, session);
    return session;
  }

  #dropOldest(): boolean {
    for (const [id, { connected }] of this.#sessions) {
      if (connected) continue;
      this.#sessions.delete(id);
      for (const [instance, session] of this.#instances)
        if (session === id) this.#instances.delete(instance);
      return true;
    }
    return false;
  }
}
