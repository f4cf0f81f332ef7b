import type { voice } from '@livekit/agents';
import { createActor, fromPromise } from 'xstate';
import { agentEvents } from '../actors/agent-events.ts';
import { connectRoom } from '../actors/connect-room.ts';
import { Speeches } from '../actors/speeches.ts';
import { firstServed, isRoom } from '../actors/video-room.ts';
import type { AvatarOption } from '../avatar/avatar-session.ts';
import type { Speaker } from '../avatar/speaker.ts';
import { SessionStateError } from '../errors.ts';
import type { FrameRef } from '../frame.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { FrameGate } from '../frames/gate.ts';
import type { PictureSize, Purpose } from '../frames/gate.types.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { guardListeners } from '../guarded-listeners.ts';
import { Inspection } from '../inspect/inspection.ts';
import { linkedIdentity } from '../internals/agents.ts';
import { closeRemoteSession } from '../internals/session-host.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import { startupMachine } from '../machines/startup.machine.ts';
import { modelSupport } from '../models/model-support.ts';
import { pricedModel, tokenRule } from '../models/picture-tokens.ts';
import type { PushResult } from '../models/video-sink.ts';
import { ProcessorChain } from '../processors/processor-chain.ts';
import type { Region } from '../processors/region.ts';
import type { CheckedProcessor } from '../processors/video-processor.ts';
import { cleanError } from '../secrets.ts';
import {
  isLookAt,
  isLookAtOne,
  lookKindOf,
  type SourceId,
  type SourceKind,
  sourceIdOf,
} from '../source.ts';
import { messageOf } from '../thrown.ts';
import { avatarActors, makeSpeaker } from './avatar.ts';
import { machineInput } from './machine-input.ts';
import { MetricsCollector, type VideoMetrics } from './metrics.ts';
import { PipelineVideo } from './pipeline-video.ts';
import { Pointing } from './pointing.ts';
import { RealtimeVideo } from './realtime-video.ts';
import { RemoteControl } from './remote-control.ts';
import { isOfAvatar, SessionReporter } from './reporter.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import { type SeenPicture, seenRegion } from './seen-region.ts';
import type { SessionActor } from './session-actor.ts';
import { showNewest } from './show-newest.ts';
import { Sources } from './sources.ts';
import { exportMetrics } from './telemetry.ts';
import { TurnImages } from './turn-images.ts';

/** The options of `AgentSession.start`, except the room. */
export type VideoStartOptions = Omit<Parameters<voice.AgentSession['start']>[0], 'room'>;

const NOT_CONNECTED =
  'the room is not connected, and this process has no job that connects it: ' +
  'call room.connect(url, token) before video.start()';

/** Assembles the parts of a session. Only this class gives the machines their real actors. */
export class SessionParts {
  readonly actor: SessionActor;
  readonly gate: FrameGate;
  readonly sources: Sources;
  readonly reporter: SessionReporter;
  readonly inspection: Inspection;
  readonly pointing: Pointing;
  /** The error of a failed start. A machine keeps only its text. */
  startError: unknown;
  readonly #session: voice.AgentSession;
  readonly #options: ResolvedOptions;
  readonly #metrics = new MetricsCollector();
  readonly #processors: ProcessorChain;
  readonly #speeches: Speeches;
  readonly #images: TurnImages;
  readonly #pipeline: PipelineVideo;
  readonly #realtime: RealtimeVideo;
  readonly #speaker: Speaker | undefined;
  readonly #control: RemoteControl | undefined;
  #start: VideoStartOptions | undefined;
  #linkedBefore: string | null = null;
  /** The active agent; before the start, the first one. */
  #agent: voice.Agent | undefined;
  #stopExport = () => {};

  constructor(session: voice.AgentSession, options: ResolvedOptions) {
    this.#session = session;
    this.#options = options;
    const metrics = this.#metrics;
    const reporter = new SessionReporter(metrics);
    this.reporter = reporter;
    this.inspection = new Inspection(options.inspect, () => this.metrics());
    this.#processors = new ProcessorChain(options.input.processors, (error) =>
      reporter.error('processor', error),
    );
    const gate = new FrameGate({
      ledger: metrics.frames,
      mayShow: (sourceId, frame) => this.#mayShow(sourceId, frame),
      processing: this.#processors,
      onEncoded: (ms) => metrics.encodeMs.add(ms),
      onSent: ({ image, sizes, ref, purpose }) => {
        this.#spend(sizes, purpose);
        this.inspection.picture(image, ref.source);
      },
    });
    this.gate = gate;
    const sourceIds = options.input.sources.map(sourceIdOf);
    this.#speeches = new Speeches(session);
    this.#images = new TurnImages(options);
    this.#pipeline = new PipelineVideo({
      speeches: this.#speeches,
      gate,
      takesPictures: (agent) => modelSupport(session, agent).kind === 'pipeline',
      checkLink: () => this.checkLink(),
      sourceIds,
      options: options.turn,
      images: this.#images,
      describer: options.input.describe,
      metrics,
      reporter,
    });
    this.#realtime = new RealtimeVideo({
      session,
      options,
      gate,
      metrics,
      reporter,
      showNewest: () => {
        this.checkLink();
        return showNewest({
          actor: this.actor,
          budgetMs: options.turn.attachBudgetMs,
          hasFrame: (sourceId) => gate.newest(sourceId) !== null,
        });
      },
      onUnsupported: (error) => this.#takesNoPictures(error),
    });
    this.sources = new Sources({
      options,
      gate,
      metrics,
      reporter,
      pipeline: this.#pipeline,
      realtime: this.#realtime,
      linkedIdentity: () => this.#linkedIdentity(),
      actor: () => this.actor,
    });
    this.#speaker = makeSpeaker(session, options, reporter);
    this.actor = createActor(this.#machine(), {
      id: 'session',
      input: machineInput(options),
      ...this.inspection.actorOptions,
    });
    guardListeners(this.actor, (error) => reporter.error('handler', error));
    this.#control = RemoteControl.of(options, {
      actor: this.actor,
      linkedIdentity: () => this.#linkedIdentity(),
      onError: (error) => reporter.error('control', error),
    });
    this.pointing = new Pointing({
      actor: this.actor,
      room: options.room,
      shown: gate.shown,
      linkedIdentity: () => this.#linkedIdentity(),
    });
    this.#revokeWhenOff();
    this.#pipeline.connect(this.actor);
    this.actor.on('*', (report) => {
      if (isOfAvatar(report)) this.#speaker?.report(report);
      reporter.report(report);
    });
    this.actor.start();
  }

  metrics(): VideoMetrics {
    return this.#metrics.snapshot(this.#realtime.budget.use());
  }

  /** The next frame passes these processors; what the old ones let through is withdrawn. */
  setProcessors(processors: readonly CheckedProcessor[]): void {
    this.#processors.replace(processors);
    this.gate.processAgain();
  }

  /** A model can look at parts of the frames that it is shown. */
  expectRegions(): void {
    this.gate.keepShown();
    this.#images.expectRegions();
  }

  /** The region of the frame that a region of the model's picture shows. */
  seenRegion(region: Region, { source, frameId }: SeenPicture): Region {
    const { sources } = this.actor.getSnapshot().context;
    const watched = sources[this.sources.current]?.pick?.source;
    const ofCurrent = frameId === undefined && watched ? lookKindOf(watched) : undefined;
    return seenRegion(this.gate.shown, region, { frameId, source: source ?? ofCurrent });
  }

  /** How a turn of a pipeline shows a source as one picture. */
  turnImage(source: SourceKind): EncodeOptions {
    return this.#images.one(source);
  }

  /** Shows a realtime model a frame, or a part of one. */
  showRealtime(frame: SeenFrame): Promise<PushResult> {
    return this.#realtime.show(frame);
  }

  /** @throws SessionStateError if the session was created without the option `avatar`. */
  setAvatar(avatar: AvatarOption | null): void {
    if (!this.#speaker) throw new SessionStateError('no-avatar');
    this.#speaker.avatar = avatar;
  }

  /** Another participant may be served by now: the previous one is no longer shown. */
  checkLink(): void {
    this.#linkedIdentity();
    this.sources.checkLink();
  }

  /** Stores the options for the start of the agent session. */
  willStart(options: VideoStartOptions): void {
    this.#start = options;
    this.#speeches.open();
    this.#stopExport = exportMetrics(() => this.metrics());
  }

  /** Nothing is shown while video is off, and a linked source shows only the linked participant. */
  #mayShow(sourceId: SourceId, { identity, trackSid }: FrameRef): boolean {
    const { mode, pinned, follow } = this.actor.getSnapshot().context;
    if (mode === 'off') return false;
    // The frame of a look stays valid after its source is released.
    if (isLookAt(sourceId)) return isLookAtOne(sourceId, identity);
    const followed = follow.find(({ id }) => id === sourceId);
    // A pin does not concern a source that was opened for a look.
    const selector = followed && (pinned ?? followed.selector);
    if (typeof selector !== 'object') return identity === this.#linkedIdentity();
    return 'trackSid' in selector ? trackSid === selector.trackSid : identity === selector.identity;
  }

  #revokeWhenOff(): void {
    let before = this.actor.getSnapshot().context.mode;
    this.actor.subscribe(({ context: { mode } }) => {
      if (mode === 'off' && before !== 'off') this.gate.revoke('all');
      before = mode;
    });
  }

  #machine() {
    const { room } = this.#options;
    return sessionMachine.provide({
      actors: {
        agentEvents: agentEvents({
          session: this.#session,
          room,
          linkedIdentity: () => this.#linkedIdentity(),
          onAgent: (agent) => this.#follow(agent),
          modelOf: (agent) =>
            modelSupport(this.#session, agent, this.#options.input.describe !== undefined),
          onUserMessage: (message, histories) => this.#pipeline.committed(message, histories),
          onError: (error) => this.reporter.error('model', error),
        }),
        source: this.sources.machine(),
        ...avatarActors(this.#speaker, this.#options),
        modelLink: this.#realtime.modelLink(),
        turnCompletion: this.#pipeline.turnCompletion(),
        startup: startupMachine.provide({
          actors: {
            connectRoom: fromPromise(({ signal }) =>
              this.#keepingError(() =>
                connectRoom(room, signal, () => this.reporter.error('room', NOT_CONNECTED)),
              ),
            ),
            startAgent: fromPromise(() => this.#keepingError(() => this.#startAgent())),
          },
        }),
        releaseAll: fromPromise(() => this.#release()),
      },
    });
  }

  #spend(sizes: readonly PictureSize[], purpose: Purpose): void {
    const model = this.#agent?.llm ?? this.#session.llm;
    const { realtime, turn } = this.#options;
    const { detail } = purpose === 'push' ? realtime : turn;
    const rule = model && tokenRule(pricedModel(model));
    const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0);
    const tokens = rule && sizes.reduce((sum, size) => sum + rule(size, detail), 0);
    this.#metrics.sent(bytes, tokens);
    if (purpose === 'push') this.#realtime.budget.spend(bytes, tokens);
  }

  #follow(agent: voice.Agent): void {
    this.#agent = agent;
    this.#pipeline.follow(agent);
    this.#realtime.sessions.watch(agent.llm);
  }

  /**
   * At the start, a model without pictures is an error; after a hand-off the conversation
   * continues.
   */
  #takesNoPictures(error: unknown): boolean {
    const state = this.actor.getSnapshot();
    if (!state.hasTag('ready')) return false;
    const reason = messageOf(error);
    this.actor.send({ type: 'agent.modelChanged', model: 'none', reason });
    return true;
  }

  async #startAgent(): Promise<void> {
    const { room, remoteSession } = this.#options;
    if (!this.#start) return;
    if (remoteSession === 'closed') closeRemoteSession(this.#session);
    this.#follow(this.#start.agent);
    this.#realtime.sessions.watch(this.#session.llm);
    this.#control?.open();
    if (this.#speaker) this.#session.output.audio = this.#speaker.audio;
    await this.#session.start({ ...this.#start, ...(isRoom(room) ? { room } : {}) });
    // Closed in the meantime, when there was no session to be closed yet.
    if (!this.actor.getSnapshot().hasTag('open')) await this.#session.close();
  }

  async #release(): Promise<void> {
    this.#stopExport();
    const silenced = this.#control?.close();
    this.#realtime.close();
    await Promise.all([this.sources.close(), this.gate.close(), silenced]);
    this.#pipeline.close();
    if (this.#start) await this.#session.close();
    // Last: what it says is the last word.
    await this.#speaker?.close();
  }

  async #keepingError(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      cleanError(error);
      this.startError = error;
      throw error;
    }
  }

  /**
   * The participant that the agent serves. The framework reports no change, so the first call after
   * one withdraws what the previous participant showed.
   */
  #linkedIdentity(): string | null {
    const linked = linkedIdentity(this.#session);
    const identity =
      linked !== undefined
        ? linked
        : firstServed(this.#options.room, this.#start?.inputOptions?.participantIdentity);
    const before = this.#linkedBefore;
    this.#linkedBefore = identity;
    if (before !== null && before !== identity) this.gate.revoke({ identity: before });
    return identity;
  }
}
