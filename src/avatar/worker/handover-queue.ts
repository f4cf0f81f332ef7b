/**
 * An ordered queue between a producer and one consumer. It has no limit: callers that need one hold
 * the producer back.
 */
export class HandoverQueue<Item> {
  readonly #onTake: (item: Item) => void;
  #items: Item[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  /** @param onTake - Called for each item at the moment it leaves the queue. */
  constructor(onTake: (item: Item) => void = () => {}) {
    this.#onTake = onTake;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Dropped if the queue is closed. */
  push(item: Item): void {
    if (this.#closed) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** Drops all items. */
  clear(): void {
    this.#items = [];
  }

  /** Drops all items, and ends the consumer's wait. */
  close(): void {
    this.#closed = true;
    this.#items = [];
    this.#wake?.();
  }

  /** The oldest item as soon as there is one; `undefined` after the close. */
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
    }
    return undefined;
  }
}
