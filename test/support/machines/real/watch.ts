import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';
import { within } from '../../../../src/testing/waits.ts';

/** An event that an actor processed, and its state afterwards. */
export interface Seen {
  readonly type: string;
  readonly value: unknown;
}

/** Much longer than any step takes, in ms. */
const LIMIT_MS = 20_000;

/** The events and states of one actor of a system, in order. */
export class Watch {
  readonly #seen: Seen[] = [];
  readonly #subscription: { unsubscribe(): void };
  #wake = () => {};

  /** Create it before the system starts. */
  constructor(root: AnyActorRef, id: string) {
    this.#subscription = root.system.inspect((inspection) => {
      if (inspection.type !== '@xstate.snapshot') return;
      if ((inspection.actorRef as AnyActorRef).id !== id) return;
      const { type } = inspection.event;
      if (type === 'xstate.init') return;
      this.#seen.push({ type, value: (inspection.snapshot as AnyMachineSnapshot).value });
      this.#wake();
    });
  }

  /** The next event, already here or still to come. */
  async next(awaited: string): Promise<Seen> {
    const came = new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#seen.length > 0) resolve();
    });
    await within(`event ${awaited}`, came, LIMIT_MS);
    return this.#seen.shift() as Seen;
  }

  /** Events that came but were not expected. */
  get rest(): readonly Seen[] {
    return this.#seen;
  }

  end(): void {
    this.#subscription.unsubscribe();
  }
}
