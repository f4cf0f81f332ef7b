import type { KeptEvent } from './event-ring.ts';

interface KeptActor {
  actor: string;
  state: string | undefined;
  parentId: string | undefined;
  name: string | undefined;
}

/** Most actors, and most characters of their texts, that are kept; the oldest are dropped first. */
const LIMITS = { actors: 2000, text: 32 * 1024 * 1024 } as const;

/**
 * The state before the first kept event: the actors at that time, each with its last state. It
 * takes the events that the ring drops.
 */
export class ActorTable {
  readonly #actors = new Map<string, KeptActor>();
  #metrics: string | undefined;
  #text = 0;

  fold({ type, sessionId, json, children, parentId, name }: KeptEvent): void {
    if (type === '@sightline.metrics') this.#metrics = json;
    if (type === '@xstate.actor')
      this.#set(sessionId, { actor: json, state: undefined, parentId, name });
    if (type !== '@xstate.snapshot') return;
    const actor = this.#actors.get(sessionId);
    if (actor) this.#set(sessionId, { ...actor, state: json });
    if (children) this.#keepChildren(sessionId, new Set(children));
  }

  /** As messages, parents first. */
  messages(): string[] {
    const messages = [...this.#actors.values()].flatMap(({ actor, state }) =>
      state === undefined ? [actor] : [actor, state],
    );
    return this.#metrics === undefined ? messages : [...messages, this.#metrics];
  }

  get size(): number {
    return this.#actors.size;
  }

  #set(id: string, actor: KeptActor): void {
    const before = this.#actors.get(id);
    if (before) this.#text -= textOf(before);
    this.#actors.set(id, actor);
    this.#text += textOf(actor);
    for (const oldest of this.#actors.keys()) {
      if (this.#actors.size <= LIMITS.actors && this.#text <= LIMITS.text) break;
      this.#delete(oldest);
    }
  }

  #delete(id: string): void {
    const actor = this.#actors.get(id);
    if (actor) this.#text -= textOf(actor);
    this.#actors.delete(id);
  }

  /** A child that the parent no longer lists has stopped, and so have its own children. */
  #keepChildren(parentId: string, names: ReadonlySet<string>): void {
    for (const [id, actor] of this.#actors) {
      if (actor.parentId !== parentId || (actor.name !== undefined && names.has(actor.name)))
        continue;
      this.#delete(id);
      this.#keepChildren(id, new Set());
    }
  }
}

const textOf = ({ actor, state }: KeptActor) => actor.length + (state?.length ?? 0);
