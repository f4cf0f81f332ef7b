import type { llm, voice } from '@livekit/agents';
import { fromPromise } from 'xstate';
import { firstFrame } from '../actors/fresh-frame.ts';
import { beforeModelRequest } from '../actors/llm-node.ts';
import { MotionStrips } from '../actors/motion-strips.ts';
import {
  newestOf,
  type TurnPictures,
  takeNewest,
  turnImage,
  turnPictures,
} from '../actors/turn-pictures.ts';
import { EncodeError } from '../errors.ts';
import type { FrameRef } from '../frame.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import type { FrameGate, GatePicture } from '../frames/gate.ts';
import type { FrameFate } from '../frames/newest-frame.ts';
import type { SessionReport } from '../machines/session.types.ts';
import { turnCompletionMachine } from '../machines/turn-completion.machine.ts';
import type { TurnOutcome } from '../machines/turn-completion.types.ts';
import {
  forgetOldPictures,
  keepNewestPictures,
  showContent,
  withContent,
} from '../models/chat-pictures.ts';
import type { SourceId, StreamStatus } from '../source.ts';
import type { MetricsCollector } from './metrics.ts';
import type { ResolvedOptions } from './options.ts';
import type { SessionReporter } from './reporter.ts';
import type { SessionActor } from './session-actor.ts';

export interface PipelineVideoDeps {
  gate: FrameGate;
  sourceIds: readonly SourceId[];
  options: ResolvedOptions['turn'];
  metrics: MetricsCollector;
  reporter: SessionReporter;
}

/** The conversation's own lists of items, which share their messages. */
type Histories = readonly (readonly llm.ChatItem[])[];

/** One model request of a user turn, from the question to the history. */
interface TurnRequest {
  readonly id: number;
  readonly messageId: string;
  answer(outcome: TurnOutcome): void;
  outcome?: TurnOutcome;
  pictures?: TurnPictures;
  content?: llm.ChatContent[];
  /** The message is part of the conversation: before the picture is ready, or after it. */
  committedTo?: Histories;
  /** The framework threw it away for another one. */
  isDropped?: boolean;
}

/** The turn machine keeps the budget; if it does not answer at all, the turn goes on, in ms. */
const ANSWER_SLACK_MS = 1000;

/**
 * The pipeline's side of a session: puts the newest frame into the model request of each user turn,
 * and its picture into the history once the turn is part of the conversation.
 */
export class PipelineVideo {
  readonly #deps: PipelineVideoDeps;
  readonly #image: EncodeOptions;
  readonly #strips: MotionStrips;
  /** Agents whose requests carry pictures, with the way to stop it. */
  readonly #agents = new Map<voice.Agent, () => void>();
  readonly #requests = new Map<number, TurnRequest>();
  /** The last user message that became part of the conversation before a model was asked. */
  #unanswered: { id: string; histories: Histories } | undefined;
  #actor: SessionActor | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(deps: PipelineVideoDeps) {
    this.#deps = deps;
    const { gate, options, reporter } = deps;
    this.#image = turnImage(options);
    this.#strips = new MotionStrips({
      gate,
      image: this.#image,
      onError: (error) => reporter.error('encode', error),
    });
  }

  /** The machine of one request, with its real actors. */
  turnCompletion() {
    const { gate, sourceIds } = this.#deps;
    return turnCompletionMachine.provide({
      actors: {
        firstFrame: firstFrame(gate, sourceIds),
        encodePicture: fromPromise<FrameRef, { frameId: number; requestId: number }>(
          ({ input, signal }) => this.#encode(input, signal),
        ),
      },
    });
  }

  /** Keeps pictures while the user speaks. */
  takePicture() {
    return this.#strips.take();
  }

  /** Hears what the machines say of its requests. */
  connect(actor: SessionActor): void {
    this.#actor = actor;
    actor.on('turn.ready', (report) => this.#ready(report));
    actor.on('turn.cleared', ({ requestId }) => this.#settle(requestId, 'sent'));
    actor.on('turn.discarded', ({ requestId }) =>
      this.#settle(requestId, { skipped: 'discarded' }),
    );
    actor.on('motion.kept', ({ sourceId, frameIds }) => this.#strips.keepOnly(sourceId, frameIds));
  }

  /** Makes this agent's model requests carry pictures. Idempotent. */
  follow(agent: voice.Agent): void {
    if (this.#agents.has(agent)) return;
    const stop = beforeModelRequest(agent, (context) =>
      this.#prepare(agent, context).catch((error: unknown) => {
        this.#deps.reporter.error('turn', error);
        return context;
      }),
    );
    this.#agents.set(agent, stop);
  }

  /** A user message became part of the conversation: its picture goes into the history. */
  committed(message: llm.ChatMessage, histories: Histories): void {
    const request = this.#requestOf(message.id);
    if (!request) {
      this.#unanswered = { id: message.id, histories };
      return;
    }
    for (const older of this.#requests.values())
      if (older.id < request.id && !older.committedTo) older.isDropped = true;
    request.committedTo = histories;
    this.#sweep();
    // After the event: its other listeners should see the message as the user gave it.
    if (request.content) queueMicrotask(() => this.#remember(message, request));
  }

  /** Gives every agent its own `llmNode` back, and lets go of requests that still wait. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#agents.values()) stop();
    this.#agents.clear();
    this.#unanswered = undefined;
    for (const request of [...this.#requests.values()]) {
      request.answer('nothing-to-attach');
      this.#settle(request.id, { skipped: 'closed' });
    }
    this.#strips.close();
  }

  /** The request's context with this turn's picture, and not more old ones than allowed. */
  async #prepare(agent: voice.Agent, context: llm.ChatContext): Promise<llm.ChatContext> {
    const { keepImages, inferenceDetail } = this.#deps.options;
    const message = this.#newUserMessage(agent, context);
    if (!message) return keepNewestPictures(context, keepImages);

    const { request, answered } = this.#open(message);
    const outcome = await answered;
    const { pictures } = request;
    if (outcome !== 'attached' || !pictures) return keepNewestPictures(context, keepImages);

    const shown = ({ ref, handOver }: GatePicture) => ({ ref, image: handOver() });
    request.content = showContent(
      { earlier: pictures.earlier.map(shown), newest: pictures.newest.map(shown) },
      { inferenceDetail, isLabelled: this.#deps.sourceIds.length > 1 },
    );
    // This turn's pictures are some of those that are kept.
    const count = pictures.earlier.length + pictures.newest.length;
    const prepared = keepNewestPictures(context, Math.max(0, keepImages - count));
    const index = prepared.indexById(message.id);
    if (index !== undefined) prepared.items[index] = withContent(message, request.content);
    if (request.committedTo) this.#remember(message, request);
    return prepared;
  }

  /** Asks the turn machine for the pictures of this message. */
  #open(message: llm.ChatMessage): { request: TurnRequest; answered: Promise<TurnOutcome> } {
    const { gate, sourceIds, options } = this.#deps;
    let answer: TurnRequest['answer'] = () => {};
    const answered = new Promise<TurnOutcome>((resolve) => {
      const limitMs = options.attachBudgetMs + ANSWER_SLACK_MS;
      const timer = setTimeout(() => resolve('over-budget'), limitMs);
      answer = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
    });
    const request: TurnRequest = { id: this.#nextId++, messageId: message.id, answer };
    if (message.id === this.#unanswered?.id) {
      request.committedTo = this.#unanswered.histories;
      this.#unanswered = undefined;
    }
    this.#requests.set(request.id, request);
    this.#actor?.send({
      type: 'turn.requested',
      requestId: request.id,
      requestedAt: Date.now(),
      frame: newestOf(gate, sourceIds),
      frameExpected: this.#frameExpected(),
    });
    return { request, answered };
  }

  async #encode(
    { frameId, requestId }: { frameId: number; requestId: number },
    signal: AbortSignal,
  ): Promise<FrameRef> {
    const { gate, sourceIds, options, reporter } = this.#deps;
    const newest = await takeNewest(
      {
        gate,
        sourceIds,
        image: this.#image,
        maxFrameAgeMs: options.maxFrameAgeMs,
        late: () => this.#late(),
        onError: (error) => reporter.error('encode', error),
      },
      frameId,
      signal,
    );
    const request = this.#requests.get(requestId);
    if (!request) {
      for (const picture of newest) picture.done(this.#late());
      throw new EncodeError('its request is over');
    }
    const { maxBytes } = options;
    request.pictures = turnPictures(newest, this.#strips.pictures, { sourceIds, maxBytes });
    return newest[0].ref;
  }

  #late = (): FrameFate => ({ skipped: this.#isClosed ? 'closed' : 'over-budget' });

  #ready({ requestId, outcome, frame }: Report<'turn.ready'>): void {
    if (outcome === 'attached' && frame)
      this.#deps.metrics.frameAgeMs.add(Date.now() - frame.receivedAt);
    const request = this.#requests.get(requestId);
    if (!request) return;
    request.outcome = outcome;
    request.answer(outcome);
    this.#sweep();
  }

  /** One without a picture is kept until its message is committed: it is no new message then. */
  #sweep(): void {
    for (const { id, outcome, pictures, committedTo, isDropped } of this.#requests.values())
      if (outcome && !pictures && (committedTo || isDropped)) this.#requests.delete(id);
  }

  /** Puts the picture into the history, takes out those that are too many, clears the frame. */
  #remember(message: llm.ChatMessage, { id, content, committedTo }: TurnRequest): void {
    if (content) message.content.push(...content);
    for (const items of committedTo ?? []) forgetOldPictures(items, this.#deps.options.keepImages);
    // The machine is gone once the session is closed.
    if (!this.#isClosed) this.#actor?.send({ type: 'turn.committed', requestId: id });
  }

  /** The request is over: what was sent is not shown again. */
  #settle(requestId: number, fate: FrameFate): void {
    const { pictures } = this.#requests.get(requestId) ?? {};
    this.#requests.delete(requestId);
    if (!pictures) return;
    for (const { sourceId, ref, done } of pictures.newest) {
      done(fate);
      if (fate === 'sent') this.#deps.gate.clear(sourceId, ref.id);
    }
    if (fate === 'sent') this.#strips.sent(pictures.earlier);
  }

  /** The newest request of a message that is not part of the conversation yet. */
  #requestOf(messageId: string): TurnRequest | undefined {
    return [...this.#requests.values()].findLast(
      (request) => request.messageId === messageId && !request.committedTo && !request.isDropped,
    );
  }

  /** Whether a stream is open whose first frame may come any moment. */
  #frameExpected(): boolean {
    const sources = Object.values(this.#actor?.getSnapshot().context.sources ?? {});
    return sources.some(
      ({ pick, streamStatus }) => pick !== null && FLOWING.includes(streamStatus),
    );
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
}

type Report<T extends SessionReport['type']> = Extract<SessionReport, { type: T }>;

const FLOWING: readonly StreamStatus[] = ['opening', 'live', 'paused'];
