import { type JsonObject, objectsAt, textAt } from './json.ts';
import { OpenAIRefusal } from './openai-checks.ts';

export interface ConversationItem extends JsonObject {
  id: string;
  type: string;
}

/** The previous item's id for an item at the beginning. */
const ROOT = 'root';

/** The items that the model gets, in order. */
export class Conversation {
  readonly #items: ConversationItem[] = [];
  /** Ids of the user's items that an answer covers. */
  readonly #answered = new Set<string>();

  get items(): readonly ConversationItem[] {
    return this.#items;
  }

  /** Ids of the items, which a new one must not repeat, and of the calls, which it may answer. */
  get ids(): { items: string[]; calls: string[] } {
    return {
      items: this.#items.map(({ id }) => id),
      calls: this.#items
        .filter(({ type }) => type === 'function_call')
        .map((item) => textAt(item, 'call_id')),
    };
  }

  has(id: string): boolean {
    return this.#items.some((item) => item.id === id);
  }

  /** Adds an item after `previousId` or at the end. @returns the id of the item before it */
  add(item: ConversationItem, previousId?: string): string | null {
    if (previousId !== undefined && previousId !== ROOT && !this.has(previousId)) {
      throw new OpenAIRefusal(
        `Error adding item: the previous item with id '${previousId}' does not exist.`,
        'item_create_invalid_previous_item_id',
        'previous_item_id',
      );
    }
    const index =
      previousId === undefined
        ? this.#items.length
        : this.#items.findIndex(({ id }) => id === previousId) + 1;
    this.#items.splice(index, 0, item);
    return this.#items[index - 1]?.id ?? null;
  }

  delete(id: string): void {
    this.#items.splice(this.#indexOf(id, 'delete'), 1);
  }

  /** The item with this id. @param action - The client's event, for the error. */
  get(id: string, action: 'retrieve' | 'truncate'): ConversationItem {
    return this.#items[this.#indexOf(id, action)] as ConversationItem;
  }

  /** The last text or transcript of the user. */
  get lastQuestion(): string {
    const last = this.#items.findLast(isQuestion);
    return last ? textOf(last) : '';
  }

  /** The user's items that no answer covers; the last one if there is none. */
  get open(): ConversationItem[] {
    const asked = this.#items.filter(isQuestion);
    const open = asked.filter(({ id }) => !this.#answered.has(id));
    return open.length > 0 ? open : asked.slice(-1);
  }

  /** An answer to these items begins. */
  answered(items: readonly ConversationItem[]): void {
    for (const { id } of items) this.#answered.add(id);
  }

  /** The client wrote an answer: a history. */
  answeredBefore(answerId: string): void {
    this.answered(this.#items.slice(0, this.#indexOf(answerId, 'retrieve')));
  }

  #indexOf(id: string, action: 'delete' | 'retrieve' | 'truncate'): number {
    const index = this.#items.findIndex((item) => item.id === id);
    if (index >= 0) return index;
    const doing = { delete: 'deleting', retrieve: 'retrieving', truncate: 'truncating' }[action];
    throw new OpenAIRefusal(
      `Error ${doing} item: the item with id '${id}' does not exist.`,
      `item_${action}_invalid_item_id`,
      'item_id',
    );
  }
}

const isQuestion = (item: ConversationItem): boolean => item.role === 'user' && textOf(item) !== '';

/** Whether the user shows something, and says nothing. */
export const isPicture = (item: ConversationItem): boolean =>
  item.role === 'user' &&
  textOf(item) === '' &&
  objectsAt(item, 'content').some(({ type }) => type === 'input_image');

/** Text and transcripts of an item. */
export function textOf(item: JsonObject): string {
  return objectsAt(item, 'content')
    .map((part) => textAt(part, 'text') || textAt(part, 'transcript'))
    .filter((text) => text !== '')
    .join('\n');
}
