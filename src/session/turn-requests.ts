import type { llm } from '@livekit/agents';
import type { TurnPictures } from '../actors/turn-pictures.ts';
import type { TurnOutcome } from '../machines/turn-completion.types.ts';
import type { PictureWords } from './turn-content.ts';

/** The item lists of the conversation, which share their messages. */
export type Histories = readonly (readonly llm.ChatItem[])[];

/** One model request of a user turn, from the question to the history. */
export interface TurnRequest {
  readonly id: number;
  /**
   * The request's new user messages. One of them is the turn's message, which becomes part of the
   * conversation. A hook of the agent may have added others, such as retrieved text.
   */
  readonly candidates: readonly llm.ChatMessage[];
  /** The turn's message. Until one of the candidates is committed, the last of them. */
  message: llm.ChatMessage;
  /** The outcome of its picture; settles within the limit. */
  readonly answered: Promise<TurnOutcome>;
  outcome?: TurnOutcome;
  pictures?: TurnPictures;
  /** Words about the pictures, for a model that takes text only. */
  words?: readonly PictureWords[];
  content?: llm.ChatContent[];
  /** Set when the message became part of the conversation, before or after the picture is ready. */
  committedTo?: Histories;
  /** The framework discarded the request for another one. */
  isDropped?: boolean;
}

/** The model requests in progress. */
export class TurnRequests {
  readonly #requests = new Map<number, TurnRequest>();
  readonly #answers = new Map<number, (outcome: TurnOutcome) => void>();
  /** The last committed user message that no model request has answered yet. */
  #unanswered: { id: string; histories: Histories } | undefined;
  /** User messages that were part of an earlier request, and so are not new. */
  readonly #requested = new WeakSet<llm.ChatMessage>();
  #nextId = 1;

  /**
   * @param last - The newest of the candidates.
   * @param limitMs - After this time, an unanswered request continues without a picture.
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

  /** Settles the outcome of a request's picture. Later answers are ignored. */
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
   * The user messages that no earlier request had: the turn's message, and what a hook of the agent
   * added. A greeting has none, because it contains only the agent's history; neither has the
   * follow-up request of a tool.
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
   * The video of its pictures was switched off: the request continues without them.
   * @returns its pictures.
   */
  withdraw(id: number): TurnPictures | undefined {
    const request = this.#requests.get(id);
    const pictures = request?.pictures;
    delete request?.pictures;
    delete request?.words;
    this.#sweep();
    return pictures;
  }

  /** Ends the request. */
  end(id: number): TurnRequest | undefined {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    return request;
  }

  /** Ends all requests; those still waiting continue without a picture. */
  endAll(): TurnRequest[] {
    const all = [...this.#requests.values()];
    for (const { id } of all) this.answer(id, 'nothing-to-attach');
    this.#requests.clear();
    this.#unanswered = undefined;
    return all;
  }

  /**
   * A request without a picture is kept until its message is committed, so that the message is not
   * taken for a new one.
   */
  #sweep(): void {
    for (const { id, outcome, pictures, committedTo, isDropped } of this.#requests.values())
      if (outcome && !pictures && (committedTo || isDropped)) this.#requests.delete(id);
  }
}

const candidateOf = ({ candidates }: TurnRequest, messageId: string) =>
  candidates.find(({ id }) => id === messageId);
