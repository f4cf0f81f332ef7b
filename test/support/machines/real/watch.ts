import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';
import { within } from '../../../../src/testing/waits.ts';

/** An event that an actor has dealt with, and the state that it left it in. */
export interface Seen {
  readonly type: string;
  readonly value: unknown;
}

/** Far more than any step takes. In ms. */
const LIMIT_MS = 20_000;

/** What one actor of a system goes through, in order. */
export class Watch {
  readonly #seen: Seen[] = [];
  readonly #subscription: { unsubscribe(): void };
  #wake = () => {};

  /** To be made before the system starts. */
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

  /** What comes next, whenever it came. */
  async next(awaited: string): Promise<Seen> {
    const came = new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#seen.length > 0) resolve();
    });
    await within(`event ${awaited}`, came, LIMIT_MS);
    return this.#seen.shift() as Seen;
  }

  /** What came and was not asked for. */
  get rest(): readonly Seen[] {
    return this.#seen;
  }

  end(): void {
    this.#subscription.unsubscribe();
  }
}
