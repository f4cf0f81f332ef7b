import type { llm, voice } from '@livekit/agents';
import { fromPromise } from 'xstate';
import { firstFrame } from '../actors/fresh-frame.ts';
import { beforeModelRequest } from '../actors/llm-node.ts';
import { MotionStrips } from '../actors/motion-strips.ts';
import type { Speeches } from '../actors/speeches.ts';
import { newestOf, takeNewest, turnPictures } from '../actors/turn-pictures.ts';
import { afterUserTurn } from '../actors/user-turn.ts';
import { EncodeError } from '../errors.ts';
import type { FrameRef } from '../frame.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { FrameFate } from '../frames/newest-frame.ts';
import type { SessionReport } from '../machines/session.types.ts';
import { turnCompletionMachine } from '../machines/turn-completion.machine.ts';
import type { TurnOutcome } from '../machines/turn-completion.types.ts';
import {
  claimTurnPictures,
  forgetOldPictures,
  hasPictureOfHook,
  isToolFollowUp,
  keepNewestPictures,
  withTurnPictures,
} from '../models/chat-pictures.ts';
import type { PictureDescriber } from '../models/describe-pictures.ts';
import type { SourceId, StreamStatus } from '../source.ts';
import type { MetricsCollector } from './metrics.ts';
import type { SessionReporter } from './reporter.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import type { SessionActor } from './session-actor.ts';
import { TurnContent } from './turn-content.ts';
import type { TurnImages } from './turn-images.ts';
import { type Histories, type TurnRequest, TurnRequests } from './turn-requests.ts';

export interface PipelineVideoDeps {
  gate: FrameGate;
  /** Whether the model of this agent takes pictures in its requests. */
  takesPictures(agent: voice.Agent): boolean;
  /** Another participant may be served by now: the previous one is no longer shown. */
  checkLink(): void;
  sourceIds: readonly SourceId[];
  options: ResolvedOptions['turn'];
  /** How each kind of source is shown. */
  images: TurnImages;
  /** Describes the pictures for an agent whose model takes none. */
  describer: PictureDescriber | undefined;
  /** Those that requests are made for. */
  speeches: Speeches;
  metrics: MetricsCollector;
  reporter: SessionReporter;
}

/**
 * The turn machine keeps the budget. This is the extra time before a request continues if the
 * machine does not answer at all, in ms.
 */
const ANSWER_SLACK_MS = 1000;

/**
 * The pipeline side of a session: puts the newest frame into the model request of each user turn,
 * and the picture into the history once the turn is part of the conversation.
 */
export class PipelineVideo {
  readonly #deps: PipelineVideoDeps;
  readonly #strips: MotionStrips;
  /** Agents whose requests get pictures, each with a function that stops it. */
  readonly #agents = new Map<voice.Agent, () => void>();
  readonly #requests = new TurnRequests();
  readonly #content: TurnContent;
  #actor: SessionActor | undefined;
  #isClosed = false;

  constructor(deps: PipelineVideoDeps) {
    this.#deps = deps;
    const { gate, options, reporter } = deps;
    this.#content = new TurnContent({
      gate,
      speeches: deps.speeches,
      detail: options.detail,
      isLabelled: deps.sourceIds.length > 1,
      describer: deps.describer,
      onError: (error) => reporter.error('describe', error),
    });
    this.#strips = new MotionStrips({
      gate,
      image: deps.images.one,
      onError: (error) => reporter.error('encode', error),
    });
  }

  /** The machine of one request, with its real actors. */
  turnCompletion() {
    const { gate, sourceIds } = this.#deps;
    return turnCompletionMachine.provide({
      actors: {
        firstFrame: firstFrame(gate, sourceIds),
        encodePicture: fromPromise<FrameRef | null, { frameId: number; requestId: number }>(
          ({ input, signal }) => this.#encode(input, signal),
        ),
        describePictures: fromPromise<boolean, { requestId: number }>(({ input, signal }) =>
          this.#describe(input.requestId, signal),
        ),
      },
    });
  }

  /** Keeps pictures while the user speaks. */
  takePicture() {
    return this.#strips.take();
  }

  /** Subscribes to the machines' reports about its requests. */
  connect(actor: SessionActor): void {
    this.#actor = actor;
    actor.on('turn.ready', (report) => this.#ready(report));
    actor.on('turn.cleared', ({ requestId }) =>
      this.#settle(this.#requests.end(requestId), 'sent'),
    );
    actor.on('turn.discarded', ({ requestId }) =>
      this.#settle(this.#requests.end(requestId), { skipped: 'discarded' }),
    );
    actor.on('motion.kept', ({ sourceId, frameIds }) => this.#strips.keepOnly(sourceId, frameIds));
  }

  /** Adds pictures to this agent's model requests. Idempotent. */
  follow(agent: voice.Agent): void {
    if (this.#agents.has(agent)) return;
    const stops = [
      beforeModelRequest(agent, (context) =>
        this.#prepare(agent, context).catch((error: unknown) => {
          this.#deps.reporter.error('turn', error);
          return context;
        }),
      ),
      afterUserTurn(agent, (message) => this.#turnCompleted(message)),
    ];
    this.#agents.set(agent, () => {
      for (const stop of stops) stop();
    });
  }

  /** A user message became part of the conversation: its picture is added to the history. */
  committed(message: llm.ChatMessage, histories: Histories): void {
    const request = this.#requests.commit(message.id, histories);
    const isReady = request?.content !== undefined;
    // After the event, so that its other listeners see the message without the picture.
    queueMicrotask(() => {
      if (request && isReady) this.#remember(message, request);
      else this.#forgetOld(message, histories);
    });
  }

  /** Restores every agent's own `llmNode`, and lets waiting requests continue. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#agents.values()) stop();
    this.#agents.clear();
    for (const request of this.#requests.endAll()) this.#settle(request, { skipped: 'closed' });
    this.#strips.close();
    this.#content.close();
    this.#deps.speeches.close();
  }

  /** The request's context with what this turn shows, and at most the allowed number of old pictures. */
  async #prepare(agent: voice.Agent, context: llm.ChatContext): Promise<llm.ChatContext> {
    this.#deps.checkLink();
    const takesPictures = this.#deps.takesPictures(agent);
    // No old pictures either: a text-only model refuses the request.
    const keep = takesPictures ? this.#deps.options.keepPictures : 0;
    const messages = this.#requests.newMessages(context, agent.chatCtx);
    const ofHook = messages.find(hasPictureOfHook);
    if (!takesPictures && !this.#content.hasWords) return keepNewestPictures(context, keep, ofHook);
    const last = messages.at(-1);
    if (!last)
      return takesPictures && isToolFollowUp(context) ? context : keepNewestPictures(context, keep);
    if (ofHook) return keepNewestPictures(context, keep, ofHook);

    const request = this.#request(last, messages, !takesPictures);
    const outcome = await request.answered;
    const { pictures, words } = request;
    if (outcome !== 'attached' || !pictures) return keepNewestPictures(context, keep);
    request.content = words ? this.#content.shownWords(words) : this.#content.pictures(pictures);
    if (!pictures.newest.some((one) => one.handOver())) {
      delete request.content;
      this.#withdraw(request.id);
      return keepNewestPictures(context, keep);
    }
    const { message } = request;
    const prepared = withTurnPictures(context, message, request.content, keep);
    if (request.committedTo) this.#remember(message, request);
    return prepared;
  }

  /** Gets words about the pictures of a request. @returns whether there are any. */
  async #describe(requestId: number, ended: AbortSignal): Promise<boolean> {
    const request = this.#requests.get(requestId);
    if (!request?.pictures) return false;
    const question = request.message.textContent ?? '';
    request.words = await this.#content.words(request.pictures, question, ended);
    return request.words.length > 0;
  }

  /** Requests the pictures of this turn, or words about them, from the turn machine. */
  #request(
    last: llm.ChatMessage,
    messages: readonly llm.ChatMessage[],
    needsWords: boolean,
  ): TurnRequest {
    const { gate, sourceIds, options, describer } = this.#deps;
    const describeMs = needsWords ? (describer?.timeoutMs ?? 0) : 0;
    const limitMs = options.attachBudgetMs + describeMs + ANSWER_SLACK_MS;
    const request = this.#requests.open(last, messages, limitMs);
    this.#actor?.send({
      type: 'turn.requested',
      requestId: request.id,
      requestedAt: Date.now(),
      frame: newestOf(gate, sourceIds),
      frameExpected: this.#frameExpected(),
      needsWords,
    });
    return request;
  }

  async #encode(
    { frameId, requestId }: { frameId: number; requestId: number },
    signal: AbortSignal,
  ): Promise<FrameRef | null> {
    const { gate, sourceIds, options, images, reporter } = this.#deps;
    const newest = await takeNewest(
      {
        gate,
        sourceIds,
        picture: images.newest,
        maxFrameAgeMs: options.maxFrameAgeMs,
        late: () => this.#late(),
        onError: (error) => reporter.error('encode', error),
      },
      frameId,
      signal,
    );
    if (newest.length === 0) return null;
    const request = this.#requests.get(requestId);
    if (!request) {
      for (const picture of newest) picture.done(this.#late());
      throw new EncodeError('its request is over');
    }
    const { maxBytes } = options;
    request.pictures = turnPictures(newest, this.#strips.pictures, { sourceIds, maxBytes });
    return newest[0]?.ref ?? null;
  }

  #late = (): FrameFate => ({ skipped: this.#isClosed ? 'closed' : 'over-budget' });

  #ready({ requestId, outcome, frame }: Report<'turn.ready'>): void {
    if (outcome === 'attached' && frame)
      this.#deps.metrics.frameAgeMs.add(Date.now() - frame.receivedAt);
    this.#requests.answer(requestId, outcome);
    if (outcome !== 'attached') this.#leaveOut(requestId, outcome);
  }

  /** A picture that is ready, and about which the model gets no words. Its frame stays available. */
  #leaveOut(requestId: number, outcome: TurnOutcome): void {
    for (const picture of this.#requests.withdraw(requestId)?.newest ?? []) {
      const reason = outcome === 'not-described' ? outcome : 'discarded';
      picture.done({ skipped: picture.handOver() ? reason : 'off' });
    }
  }

  /** If a hook of the agent has added a picture to the turn, no other one is added. */
  #turnCompleted(message: llm.ChatMessage): void {
    if (!claimTurnPictures(message)) return;
    if (this.#actor?.getSnapshot().context.mode === 'off') return;
    this.#deps.reporter.error('own-picture', OWN_PICTURE);
  }

  /** Adds the picture to the history, removes the surplus ones, and clears the frame. */
  #remember(message: llm.ChatMessage, { id, content, committedTo }: TurnRequest): void {
    // A picture of the agent's own hook stays in its place.
    if (content && !hasPictureOfHook(message)) message.content.push(...content);
    this.#forgetOld(message, committedTo ?? []);
    // There is no machine after the close.
    if (!this.#isClosed) this.#actor?.send({ type: 'turn.committed', requestId: id });
  }

  /** The pictures of this turn stay until the next one, for follow-up requests of tools. */
  #forgetOld(turn: llm.ChatMessage, histories: Histories): void {
    for (const items of histories) forgetOldPictures(items, this.#deps.options.keepPictures, turn);
  }

  /** The video was switched off after the picture was made: the turn continues without it. */
  #withdraw(requestId: number): void {
    const pictures = this.#requests.withdraw(requestId)?.newest ?? [];
    for (const picture of pictures) picture.done({ skipped: 'off' });
    // There is no machine after the close.
    if (this.#isClosed) return;
    const frameId = pictures[0]?.ref.id ?? -1;
    this.#actor?.send({ type: 'turn.withdrawn', requestId, frameId });
  }

  /** The request is over: a camera frame that was sent is not used again. */
  #settle(request: TurnRequest | undefined, fate: FrameFate): void {
    const pictures = request?.pictures;
    if (!pictures) return;
    for (const { sourceId, ref, done } of pictures.newest) {
      done(fate);
      // A still screen sends no other frame, so the next turn shows the same one again.
      if (fate === 'sent' && ref.source !== 'screen') this.#deps.gate.clear(sourceId, ref.id);
    }
    if (fate === 'sent') this.#strips.sent(pictures.earlier);
  }

  /** Whether the first frame of a newly opened stream may arrive at any moment. */
  #frameExpected(): boolean {
    const sources = this.#actor?.getSnapshot().context.sources;
    return this.#deps.sourceIds.some((id) => {
      const source = sources?.[id];
      return source?.pick && FLOWING.includes(source.streamStatus);
    });
  }
}

const OWN_PICTURE =
  "the agent's onUserTurnCompleted adds a picture: the request carries that one instead of the " +
  'newest frame. Remove it from the hook';

type Report<T extends SessionReport['type']> = Extract<SessionReport, { type: T }>;

const FLOWING: readonly StreamStatus[] = ['opening', 'live', 'paused'];
