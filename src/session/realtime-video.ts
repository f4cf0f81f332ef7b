import type { llm, voice } from '@livekit/agents';
import { FrameCaptures } from '../actors/frame-captures.ts';
import { freshFrame } from '../actors/fresh-frame.ts';
import { connectionEvents, revive } from '../actors/model-link.ts';
import { sampler } from '../actors/sampler.ts';
import { MODEL_PICTURE, PART_PICTURE } from '../defaults.ts';
import type { FrameRef } from '../frame.ts';
import { takenAway } from '../frames/consent.ts';
import type { EncodedImage } from '../frames/encode.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import type { FrameGate } from '../frames/gate.ts';
import { keepRevocable, mayStillShow, noteShown } from '../frames/handed-frames.ts';
import { toDataUrl } from '../frames/image-content.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import type { TileRequest } from '../frames/tiles.ts';
import { currentRealtimeSession } from '../internals/agents.ts';
import type { VideoLayer } from '../internals/rtc-publication-control.ts';
import { frameSamplingMachine } from '../machines/frame-sampling.machine.ts';
import { modelLinkMachine } from '../machines/model-link.machine.ts';
import { nameOf, turnPicture, withdrawTurnPicture } from '../models/chat-pictures.ts';
import type { PictureRefusal } from '../models/openai.ts';
import { RealtimeSessions } from '../models/realtime-sessions.ts';
import type { PushResult, RealtimeVideoSink } from '../models/video-sink.ts';
import { FrameBudget } from '../sampling/frame-budget.ts';
import type { SourceId, SourceKind } from '../source.ts';
import { doneWithin } from '../time-limit.ts';
import { HonestEyes } from './honest-eyes.ts';
import type { MetricsCollector } from './metrics.ts';
import type { SessionReporter } from './reporter.ts';
import type { ResolvedOptions } from './resolve-options.ts';

export interface RealtimeVideoDeps {
  session: voice.AgentSession;
  options: ResolvedOptions;
  gate: FrameGate;
  metrics: MetricsCollector;
  reporter: SessionReporter;
  /** Sends the newest frames. Resolves when they are sent, skipped, or out of time. */
  showNewest(): Promise<void>;
  /** A session takes no pictures. @returns whether the conversation continues without them. */
  onUnsupported(error: unknown): boolean;
}

/** The realtime side of a session: streams frames into the model. */
export class RealtimeVideo {
  readonly sessions: RealtimeSessions;
  readonly budget: FrameBudget;
  readonly #deps: RealtimeVideoDeps;
  readonly #captures: FrameCaptures;
  readonly #honest: HonestEyes | undefined;
  /** The typed turn that is being written, if its message takes the pictures. */
  #typedTurn: { sink: RealtimeVideoSink; pictures: Map<SourceId, llm.ImageContent> } | undefined;

  constructor(deps: RealtimeVideoDeps) {
    this.#deps = deps;
    const { options, gate, metrics } = deps;
    this.budget = new FrameBudget(options.input.budget);
    this.sessions = new RealtimeSessions({
      options: { keepPictures: options.realtime.keepPictures, detail: options.realtime.detail },
      reconnect: options.realtime.reconnect,
      beforeText: (session) => this.#beforeText(session),
      beforeReply: (session) => this.#shownWithinBudget(this.sessions.sink(session)),
      onRefused: (refusal) => this.#refused(refusal),
      onUnsupported: (error) => deps.onUnsupported(error),
      onLife: (report) => deps.reporter.modelLife(report),
      onError: (error) => deps.reporter.error('model', error),
    });
    if (options.input.honest)
      this.#honest = new HonestEyes({
        gate,
        sink: () => this.#sink(),
        onError: (error) => deps.reporter.error('honest', error),
      });
    this.#captures = new FrameCaptures({
      gate,
      picture: (source) => ({ image: this.#picture(source), tiles: this.#tiles(source) }),
      isLabelled: options.input.sources.length > 1,
      sink: () => this.#sinkOfNow(),
      onSent: ({ sourceId, ref }, image) => {
        metrics.frameAgeMs.add(Date.now() - ref.receivedAt);
        this.#addToTurn(sourceId, ref, image);
        this.#honest?.sent(sourceId, ref, image);
      },
    });
  }

  /**
   * The samplers' clocks are separate for each source; the connection and the budget are shared.
   */
  frameSampling() {
    const { session, options, gate } = this.#deps;
    return frameSamplingMachine.provide({
      actors: {
        sampler: sampler({
          gate,
          sampler: options.input.sampler,
          agentState: () => session.agentState,
          lastSent: (sourceId) => this.#captures.lastSent(sourceId),
          budget: this.budget,
        }),
        captureNewest: this.#captures.capture(),
        pushFrame: this.#captures.push(),
        freshFrame: freshFrame(gate),
      },
    });
  }

  modelLink() {
    const sink = () => this.#sink();
    return modelLinkMachine.provide({
      actors: { connectionEvents: connectionEvents(sink), revive: revive(sink) },
    });
  }

  /** Lets the next sample of this source be a frame that the model has already. */
  showAgain(sourceId: SourceId): void {
    this.#captures.showAgain(sourceId);
  }

  /**
   * Shows the model a frame or a part of one now, beside the samples of the watched sources.
   * @throws EncodeError; LookError if the video was switched off meanwhile
   */
  async show(frame: SeenFrame): Promise<PushResult> {
    const { input } = this.#deps.options;
    const { source } = frame;
    const options = { ...this.#picture(source), ...(frame.region && PART_PICTURE) };
    const image = await frame.encode(options);
    const isLabelled = input.sources.length > 1;
    if (!mayStillShow(frame)) throw takenAway();
    const sink = this.#sink();
    // Not counted among the samples, whose next ones would replace it at once.
    const sourceId = `part/${source}`;
    const part = frame.region ? 'part of the ' : '';
    const label = isLabelled ? `${part}${nameOf(frame)}:` : undefined;
    const result = sink?.push(image, { sourceId, label }) ?? 'not-connected';
    if (result !== 'sent') return result;
    if (input.honest) keepRevocable(frame, image, (gone) => sink?.forget(gone));
    noteShown(frame, { image, options, purpose: 'push' });
    return result;
  }

  /** The simulcast layer that suffices for frames of the configured size. */
  get layer(): VideoLayer {
    const sides = (['camera', 'screen'] as const).map((source) => {
      const { resize } = this.#picture(source);
      return resize ? Math.max(resize.width, resize.height) : Number.POSITIVE_INFINITY;
    });
    const side = Math.max(...sides);
    // The simulcast layers of a 1280x720 camera in a browser are 320x180 and 640x360.
    if (side <= 320) return 'low';
    return side <= 640 ? 'medium' : 'high';
  }

  /**
   * Resolves when the model has the newest pictures, or their time budget is used up.
   * @returns pictures that the model does not have yet, because it takes them in the turn.
   */
  async #beforeText(session: llm.RealtimeSession): Promise<llm.ImageContent[]> {
    const sink = this.sessions.sink(session);
    const turn = sink?.pushInTurn && { sink, pictures: new Map<SourceId, llm.ImageContent>() };
    this.#typedTurn = turn;
    await this.#shownWithinBudget(sink);
    if (this.#typedTurn === turn) this.#typedTurn = undefined;
    return [...(turn?.pictures.values() ?? [])];
  }

  async #shownWithinBudget(sink: RealtimeVideoSink | undefined): Promise<void> {
    const shown = this.#deps.showNewest().then(() => sink?.acknowledged());
    await doneWithin(this.#deps.options.turn.attachBudgetMs, shown);
  }

  /** While a typed turn takes the pictures into its message, none is sent by itself. */
  #sinkOfNow(): RealtimeVideoSink | undefined {
    const sink = this.#sink();
    const push = sink === this.#typedTurn?.sink ? sink?.pushInTurn : undefined;
    return sink && push ? { ...sink, push } : sink;
  }

  #addToTurn(sourceId: SourceId, ref: FrameRef, image: EncodedImage): void {
    const turn = this.#typedTurn;
    if (!turn || turn.sink !== this.#sink()) return;
    const picture = turnPicture(toDataUrl(image), image.mimeType, ref, 'auto');
    turn.pictures.set(sourceId, picture);
    this.#deps.gate.keepRevocable(ref, picture, withdrawTurnPicture);
  }

  #refused({ reason, isForGood }: PictureRefusal): void {
    this.#deps.metrics.frames.refused();
    if (isForGood)
      this.#deps.reporter.report({
        type: 'model.blind',
        reason: `the service refuses pictures: ${reason}`,
      });
  }

  close(): void {
    this.sessions.close();
    this.#honest?.close();
    this.#captures.close();
  }

  /** The model's own picture options, overridden by those of the user. */
  #picture(source: SourceKind): EncodeOptions {
    const { picture = MODEL_PICTURE, screenPicture = picture } = this.#sink() ?? {};
    const { image, screenImage } = this.#deps.options.input;
    return source === 'screen'
      ? { ...screenPicture, ...image, ...screenImage }
      : { ...picture, ...image };
  }

  #tiles(source: SourceKind): TileRequest | undefined {
    const { picture, takesTiles = false } = this.#sink() ?? {};
    const { image, screenImage, screenTiles: most } = this.#deps.options.input;
    if (source !== 'screen' || most === undefined || !takesTiles) return undefined;
    return { most, overview: { ...picture, ...image, ...screenImage } };
  }

  /** The sink of the active agent's model; a hand-off changes it. */
  #sink(): RealtimeVideoSink | undefined {
    const session: llm.RealtimeSession | undefined = currentRealtimeSession(this.#deps.session);
    return this.sessions.sink(session);
  }
}
