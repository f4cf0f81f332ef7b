import type { llm } from '@livekit/agents';
import type { TurnPictures } from '../actors/turn-pictures.ts';
import type { TurnOutcome } from '../machines/turn-completion.types.ts';

/** The conversation's own lists of items, which share their messages. */
export type Histories = readonly (readonly llm.ChatItem[])[];

/** One model request of a user turn, from the question to the history. */
export interface TurnRequest {
  readonly id: number;
  /**
   * Its new user messages. One of them is the turn's: the one that becomes part of the conversation.
   * A hook of the agent may have added others, such as retrieved text.
   */
  readonly candidates: readonly llm.ChatMessage[];
  /** The turn's own: until one of them is part of the conversation, the last one. */
  message: llm.ChatMessage;
  /** What became of its picture: always there within the limit. */
  readonly answered: Promise<TurnOutcome>;
  outcome?: TurnOutcome;
  pictures?: TurnPictures;
  content?: llm.ChatContent[];
  /** The message is part of the conversation: before the picture is ready, or after it. */
  committedTo?: Histories;
  /** The framework threw it away for another one. */
  isDropped?: boolean;
}

/** The model requests that are under way: the one place that knows them. */
export class TurnRequests {
  readonly #requests = new Map<number, TurnRequest>();
  readonly #answers = new Map<number, (outcome: TurnOutcome) => void>();
  /** The last user message that became part of the conversation before a model was asked. */
  #unanswered: { id: string; histories: Histories } | undefined;
  /** New user messages that were in a request: in a later one they are not new. */
  readonly #requested = new WeakSet<llm.ChatMessage>();
  #nextId = 1;

  /**
   * @param last - The newest of the candidates.
   * @param limitMs - A request that is not answered by then goes on without a picture.
   */
  open(
    last: llm.ChatMessage,
    candidates: readonly llm.ChatMessage[],
    limitMs: number,
  ): TurnRequest {
    const id = this.#nextId++;
    const answered = new Promise<TurnOutcome>((resolve) => {
      const timer = setTimeout(() => this.answer(id, 'over-budget'), limitMs);
      this.#answers.set(id, (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
    });
    const unanswered = candidates.find((one) => one.id === this.#unanswered?.id);
    const request: TurnRequest = { id, candidates, message: unanswered ?? last, answered };
    if (unanswered && this.#unanswered) {
      request.committedTo = this.#unanswered.histories;
      this.#unanswered = undefined;
    }
    this.#requests.set(id, request);
    return request;
  }

  get(id: number): TurnRequest | undefined {
    return this.#requests.get(id);
  }

  /** What became of the picture of a request. Only the first answer counts. */
  answer(id: number, outcome: TurnOutcome): void {
    const request = this.#requests.get(id);
    if (request) request.outcome ??= outcome;
    this.#answers.get(id)?.(outcome);
    this.#answers.delete(id);
    this.#sweep();
  }

  /** A message became part of the conversation. @returns its newest request. */
  commit(messageId: string, histories: Histories): TurnRequest | undefined {
    const request = [...this.#requests.values()].findLast(
      (one) => !one.committedTo && !one.isDropped && candidateOf(one, messageId),
    );
    if (!request) {
      this.#unanswered = { id: messageId, histories };
      return undefined;
    }
    for (const older of this.#requests.values())
      if (older.id < request.id && !older.committedTo) older.isDropped = true;
    request.message = candidateOf(request, messageId) ?? request.message;
    request.committedTo = histories;
    this.#sweep();
    return request;
  }

  /**
   * The user messages that no request had before: that of the turn, and what a hook of the agent
   * has added to it. None for a greeting, which has those of the agent's history alone, and none for
   * a tool's follow-up.
   */
  newMessages({ items }: llm.ChatContext, history: llm.ChatContext): llm.ChatMessage[] {
    const messages = items.filter(
      (item): item is llm.ChatMessage =>
        item.type === 'message' &&
        item.role === 'user' &&
        !this.#requested.has(item) &&
        (item.id === this.#unanswered?.id || !history.getById(item.id)),
    );
    for (const message of messages) this.#requested.add(message);
    return messages;
  }

  /**
   * What its pictures show was taken away: it goes on without.
   * @returns its pictures.
   */
  withdraw(id: number): TurnPictures | undefined {
    const request = this.#requests.get(id);
    const pictures = request?.pictures;
    delete request?.pictures;
    this.#sweep();
    return pictures;
  }

  /** The request is over. */
  end(id: number): TurnRequest | undefined {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    return request;
  }

  /** All of them are over; those that wait go on without a picture. */
  endAll(): TurnRequest[] {
    const all = [...this.#requests.values()];
    for (const { id } of all) this.answer(id, 'nothing-to-attach');
    this.#requests.clear();
    this.#unanswered = undefined;
    return all;
  }

  /** One without a picture is kept until its message is committed: it is no new message then. */
  #sweep(): void {
    for (const { id, outcome, pictures, committedTo, isDropped } of this.#requests.values())
      if (outcome && !pictures && (committedTo || isDropped)) this.#requests.delete(id);
  }
}

const candidateOf = ({ candidates }: TurnRequest, messageId: string) =>
  candidates.find(({ id }) => id === messageId);
