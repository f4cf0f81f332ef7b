import { lookSourceId, type SourceId, type SourceSelector } from '../source.ts';
import type { SessionActor } from './session-actor.ts';

/**
 * Sources that are opened for looks: each from the start of its first look to the end of its last.
 */
export class OpenedSources {
  readonly #actor: SessionActor;
  /** How many looks use each source. */
  readonly #uses = new Map<SourceId, number>();

  constructor(actor: SessionActor) {
    this.#actor = actor;
  }

  async use<T>(selector: SourceSelector, work: (sourceId: SourceId) => Promise<T>): Promise<T> {
    const id = lookSourceId(selector);
    const uses = this.#uses.get(id) ?? 0;
    this.#uses.set(id, uses + 1);
    if (uses === 0) this.#actor.send({ type: 'source.opened', source: { id, selector } });
    try {
      return await work(id);
    } finally {
      this.#release(id);
    }
  }

  #release(id: SourceId): void {
    const uses = (this.#uses.get(id) ?? 1) - 1;
    if (uses > 0) {
      this.#uses.set(id, uses);
      return;
    }
    this.#uses.delete(id);
    // xstate prints a warning for an event to a stopped actor.
    if (this.#actor.getSnapshot().status === 'active')
      this.#actor.send({ type: 'source.released', sourceId: id });
  }
}
