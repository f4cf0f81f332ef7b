import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Consent } from '../../src/frames/consent.ts';
import { until } from '../../src/testing/waits.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What is kept revocable from now on, without keeping it alive. */
export class RevocableContents {
  readonly #contents: WeakRef<object>[] = [];
  readonly #keep = Consent.prototype.keep;

  constructor() {
    const contents = this.#contents;
    const keep = this.#keep;
    Consent.prototype.keep = function (...kept) {
      contents.push(new WeakRef(kept[1]));
      Reflect.apply(keep, this, kept);
    };
  }

  get count(): number {
    return this.#contents.length;
  }

  /** Resolves when these first ones are garbage. */
  async untilCollected(first: number): Promise<void> {
    await until('the end of what is no longer needed', () => {
      collectGarbage();
      return this.#contents.slice(0, first).every((content) => content.deref() === undefined);
    });
  }

  /** Watches no more. */
  end(): void {
    Consent.prototype.keep = this.#keep;
  }
}
