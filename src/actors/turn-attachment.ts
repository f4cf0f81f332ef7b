import type { llm, voice } from '@livekit/agents';
import type {
  FrameRef,
  TurnCompletionReport,
  TurnOutcome,
} from '../machines/turn-completion.types.ts';
import {
  forgetOldPictures,
  keepNewestPictures,
  showContent,
  type TurnShow,
  withContent,
} from '../models/chat-pictures.ts';

export interface TurnRequest {
  requestId: number;
  requestedAt: number;
  frame: FrameRef | null;
}

export interface TurnAttachmentDeps {
  /** The newest frame of this moment. */
  newest(): FrameRef | null;
  keepImages: number;
  inferenceDetail: 'auto' | 'high' | 'low';
  /** Several sources are followed: each picture is labelled. */
  isLabelled: boolean;
  /** Asks the turn machine; it answers through {@link TurnAttachment.answered}. */
  request(request: TurnRequest): void;
  /** The encoded pictures of a request. */
  show(requestId: number): TurnShow | undefined;
  /** A request's message is part of the conversation, picture and all. */
  committed(requestId: number): void;
  /** Something failed that should not: the turn goes on without a picture. */
  onError(error: unknown): void;
}

type Histories = readonly (readonly llm.ChatItem[])[];

/** The picture and the commit of a request come in either order; the later one finishes it. */
interface PendingRequest {
  readonly requestId: number;
  content?: llm.ChatContent[];
  committedTo?: Histories;
}

type LlmNode = voice.Agent['llmNode'];

/**
 * Puts the newest frame into the model request of each user turn, in the agent's `llmNode`: the
 * one place that every spoken and typed turn passes exactly once, preemptive generation or not.
 * An agent's own `llmNode` is called with the picture in the context already.
 */
export class TurnAttachment {
  readonly #deps: TurnAttachmentDeps;
  readonly #patched = new Map<voice.Agent, { own: LlmNode | undefined; ours: LlmNode }>();
  readonly #waiting = new Map<number, (outcome: TurnOutcome) => void>();
  /** Newest request of each user message that is not part of the conversation yet. */
  readonly #requests = new Map<string, PendingRequest>();
  /** The last user message that became part of the conversation before a model was asked. */
  #unanswered: { id: string; histories: Histories } | undefined;
  #nextRequestId = 1;

  constructor(deps: TurnAttachmentDeps) {
    this.#deps = deps;
  }

  /** Makes this agent's model requests carry pictures. Idempotent. */
  patch(agent: voice.Agent): void {
    if (this.#patched.has(agent)) return;
    const own = Object.hasOwn(agent, 'llmNode') ? agent.llmNode : undefined;
    const original: LlmNode = own ?? ((...args) => this.#inherited(agent, ...args));
    const ours: LlmNode = async (context, tools, settings) => {
      const prepared = await this.#prepare(agent, context).catch((error: unknown) => {
        this.#deps.onError(error);
        return context;
      });
      return original.call(agent, prepared, tools, settings);
    };
    agent.llmNode = ours;
    this.#patched.set(agent, { own, ours });
  }

  /** Gives every agent its own `llmNode` back, and lets go of requests that still wait. */
  close(): void {
    for (const [agent, { own, ours }] of this.#patched) {
      // One that the application gave it since then stays.
      if (agent.llmNode !== ours) continue;
      if (own) agent.llmNode = own;
      else Reflect.deleteProperty(agent, 'llmNode');
    }
    this.#patched.clear();
    for (const resolve of this.#waiting.values()) resolve('nothing-to-attach');
    this.#waiting.clear();
    this.#requests.clear();
    this.#unanswered = undefined;
  }

  /** The turn machine's answer. */
  answered({ requestId, outcome }: TurnCompletionReport & { type: 'turn.ready' }): void {
    this.#waiting.get(requestId)?.(outcome);
    this.#waiting.delete(requestId);
  }

  /** A user message became part of the conversation: its picture goes into the history. */
  committed(message: llm.ChatMessage, histories: Histories): void {
    const request = this.#requests.get(message.id);
    if (!request) {
      this.#unanswered = { id: message.id, histories };
      return;
    }
    // What is older now was thrown away by the framework.
    for (const [id, { requestId }] of this.#requests)
      if (requestId <= request.requestId) this.#requests.delete(id);
    request.committedTo = histories;
    // After the event: its other listeners should see the message as the user gave it.
    if (request.content) queueMicrotask(() => this.#remember(message, request));
  }

  /** The request's context with this turn's picture, and not more old ones than allowed. */
  async #prepare(agent: voice.Agent, context: llm.ChatContext): Promise<llm.ChatContext> {
    const { keepImages, inferenceDetail, isLabelled } = this.#deps;
    const message = this.#newUserMessage(agent, context);
    if (!message) return keepNewestPictures(context, keepImages);

    const request: PendingRequest = { requestId: this.#nextRequestId++ };
    if (message.id === this.#unanswered?.id) {
      request.committedTo = this.#unanswered.histories;
      this.#unanswered = undefined;
    } else {
      this.#requests.set(message.id, request);
    }
    const outcome = await this.#ask(request.requestId);
    const show = outcome === 'attached' ? this.#deps.show(request.requestId) : undefined;
    if (!show) return keepNewestPictures(context, keepImages);

    request.content = showContent(show, { inferenceDetail, isLabelled });
    // This turn's pictures are some of those that are kept.
    const pictures = show.earlier.length + show.newest.length;
    const prepared = keepNewestPictures(context, Math.max(0, keepImages - pictures));
    const index = prepared.indexById(message.id);
    if (index !== undefined) prepared.items[index] = withContent(message, request.content);
    if (request.committedTo) this.#remember(message, request);
    return prepared;
  }

  /** Puts the picture into the history, takes out those that are too many, clears the frame. */
  #remember(message: llm.ChatMessage, { requestId, content, committedTo }: PendingRequest): void {
    if (content) message.content.push(...content);
    for (const items of committedTo ?? []) forgetOldPictures(items, this.#deps.keepImages);
    this.#deps.committed(requestId);
  }

  #ask(requestId: number): Promise<TurnOutcome> {
    return new Promise((resolve) => {
      this.#waiting.set(requestId, resolve);
      this.#deps.request({ requestId, requestedAt: Date.now(), frame: this.#deps.newest() });
    });
  }

  /**
   * The user message that this request is to answer. None for a greeting or a tool follow-up:
   * their last user message is in the agent's history already, and was answered.
   */
  #newUserMessage(agent: voice.Agent, context: llm.ChatContext): llm.ChatMessage | undefined {
    const message = context.items.findLast(
      (item): item is llm.ChatMessage => item.type === 'message' && item.role === 'user',
    );
    if (!message) return undefined;
    if (message.id === this.#unanswered?.id) return message;
    return agent.chatCtx.getById(message.id) ? undefined : message;
  }

  #inherited(agent: voice.Agent, ...args: Parameters<LlmNode>): ReturnType<LlmNode> {
    return (Object.getPrototypeOf(agent) as voice.Agent).llmNode.apply(agent, args);
  }
}
