/**
 * A queue between who gives and who takes, in order and without a bound: whoever needs one holds
 * the giver back. For one taker at a time.
 */
export class HandoverQueue<Item> {
  readonly #onTake: (item: Item) => void;
  #items: Item[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  /** @param onTake - Told of each item in the moment in which it leaves the queue. */
  constructor(onTake: (item: Item) => void = () => {}) {
    this.#onTake = onTake;
  }

  get size(): number {
    return this.#items.length;
  }

  /** After the end it is dropped. */
  push(item: Item): void {
    if (this.#closed) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** Drops what nobody took yet. */
  clear(): void {
    this.#items = [];
  }

  /** Drops what is left, and ends the taker's wait. */
  close(): void {
    this.#closed = true;
    this.#items = [];
    this.#wake?.();
  }

  /** The oldest item, as soon as there is one; `undefined` after the end. */
  async next(): Promise<Item | undefined> {
    while (!this.#closed) {
      if (this.#items.length > 0) {
        const item = this.#items.shift() as Item;
        this.#onTake(item);
        return item;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return undefined;
  }
}
