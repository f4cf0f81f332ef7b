import type { voice } from '@livekit/agents';
import { type ActorRefFrom, createActor, fromPromise, waitFor } from 'xstate';
import { agentEvents } from './actors/agent-events.ts';
import { connectRoom } from './actors/connect-room.ts';
import { freshFrame } from './actors/fresh-frame.ts';
import { PublicationSwitches } from './actors/publication-switches.ts';
import { roomEvents } from './actors/room-events.ts';
import { TurnAttachment } from './actors/turn-attachment.ts';
import { TurnPictures } from './actors/turn-pictures.ts';
import { firstServed, isRoom, type VideoRoom } from './actors/video-room.ts';
import { videoStream } from './actors/video-stream.ts';
import type { Face } from './avatar/face.ts';
import { SessionStateError, StartTimeoutError } from './errors.ts';
import { warmUpEncoder } from './frames/encode-warm-up.ts';
import { type LumaFeed, NewestFrameSlot } from './frames/newest-frame.ts';
import { openFrameSource } from './frames/open-frame-source.ts';
import { type SeenFrame, seenFrame } from './frames/seen-frame.ts';
import { Inspection } from './inspect/inspection.ts';
import { linkedIdentity } from './internals/agents.ts';
import type { SamplingMode } from './machines/frame-sampling.types.ts';
import { idlePauseMachine } from './machines/idle-pause.machine.ts';
import { sessionMachine } from './machines/session.machine.ts';
import type { SessionEvent } from './machines/session.types.ts';
import { sightMachine } from './machines/sight.machine.ts';
import { streamReplacementMachine } from './machines/stream-replacement.machine.ts';
import { trackDiscoveryMachine } from './machines/track-discovery.machine.ts';
import type { SourceSelector } from './machines/track-discovery.types.ts';
import { turnCompletionMachine } from './machines/turn-completion.machine.ts';
import { modelKind } from './models/model-support.ts';
import { faceActors, makeFace } from './session/face.ts';
import { Looks } from './session/looks.ts';
import { machineInput } from './session/machine-input.ts';
import { MetricsCollector, type VideoMetrics } from './session/metrics.ts';
import {
  mode as checkMode,
  selector as checkSelector,
  type ResolvedOptions,
  resolveOptions,
  type VideoSessionOptions,
} from './session/options.ts';
import { RealtimeVideo } from './session/realtime-video.ts';
import {
  isOfFace,
  SessionReporter,
  type VideoEvent,
  type VideoEventOf,
} from './session/reporter.ts';
import { exportMetrics } from './session/telemetry.ts';

/** What `AgentSession.start` takes, except the room. */
export type VideoStartOptions = Omit<Parameters<voice.AgentSession['start']>[0], 'room'>;

/**
 * Gives an agent session eyes. It watches the room, and the newest frame rides on each user turn.
 *
 * @example
 * ```ts
 * const session = new voice.AgentSession({ stt, llm, tts });
 * const video = new VideoSession(session, { room: ctx.room });
 * await video.start({ agent: new Assistant() });
 * ```
 */
export class VideoSession {
  /** The root actor, for inspection: its snapshot and those of its children are plain JSON. */
  readonly actor: ActorRefFrom<typeof sessionMachine>;

  readonly #session: voice.AgentSession;
  readonly #options: ResolvedOptions;
  readonly #metrics = new MetricsCollector();
  readonly #reporter = new SessionReporter(this.#metrics);
  readonly #slot = new NewestFrameSlot(this.#metrics.frames);
  readonly #pictures: TurnPictures;
  readonly #attachment: TurnAttachment;
  readonly #realtime: RealtimeVideo;
  readonly #looks: Looks;
  readonly #inspection: Inspection;
  readonly #face: Face | undefined;
  readonly #closings = new Set<Promise<void>>();
  readonly #switches = new PublicationSwitches();
  #start: VideoStartOptions | undefined;
  #startError: unknown;
  /** What was chosen before `start`: nobody is there to hear it yet. */
  readonly #beforeStart: SessionEvent[] = [];
  #stopExport = () => {};

  /**
   * @param session - Not started yet: {@link VideoSession.start} starts it.
   * @throws OptionError
   */
  constructor(session: voice.AgentSession, options: VideoSessionOptions) {
    this.#session = session;
    this.#options = resolveOptions(options);
    this.#pictures = new TurnPictures(this.#slot, this.#options.turn, (ms) =>
      this.#metrics.encodeMs.add(ms),
    );
    this.#attachment = new TurnAttachment({
      slot: this.#slot,
      keepImages: this.#options.turn.keepImages,
      inferenceDetail: this.#options.turn.inferenceDetail,
      picture: (requestId) => this.#pictures.get(requestId),
      request: (request) =>
        this.actor.send({
          type: 'turn.requested',
          frameExpected: this.#frameExpected(),
          ...request,
        }),
      committed: (requestId) => this.#tell({ type: 'turn.committed', requestId }),
      onError: (error) => this.#reporter.error('turn', error),
    });
    this.#realtime = new RealtimeVideo({
      session,
      options: this.#options,
      slot: this.#slot,
      metrics: this.#metrics,
      onSent: (image, source) => this.#inspection.picture(image, source),
      showNewest: () => this.#showNewest(),
      takeSample: () => this.#tell({ type: 'sample.due' }),
    });
    this.#face = makeFace(session, this.#options, this.#reporter);
    this.#slot.onFrame((frame) => this.#reporter.frame(frame));
    this.#inspection = new Inspection(this.#options.inspect, () => this.metrics());
    this.actor = createActor(this.#machine(), {
      id: 'session',
      input: machineInput(this.#options),
      ...this.#inspection.actorOptions,
    });
    this.#looks = new Looks({
      actor: this.actor,
      timeoutMs: this.#options.input.lookTimeoutMs,
      latestFrame: () => this.latestFrame(),
    });
    this.actor.on('*', (report) => {
      if (report.type === 'turn.ready') this.#turnReady(report);
      if (report.type === 'turn.cleared') this.#turnCleared(report.requestId, report.frameId);
      if (report.type === 'turn.discarded')
        this.#pictures.settle(report.requestId, { skipped: 'discarded' });
      if (isOfFace(report)) this.#face?.report(report);
      this.#reporter.report(report);
    });
    this.actor.start();
  }

  /**
   * Connects the room if it is the job's and not connected yet, then starts the agent session.
   *
   * @throws UnsupportedModelError where the model takes no pictures; SessionStateError where it
   * was started or closed before; StartTimeoutError where a step took longer than its limit;
   * whatever the agent session's own start throws.
   */
  async start(options: VideoStartOptions): Promise<void> {
    const state = this.actor.getSnapshot();
    if (!state.matches('idle'))
      throw new SessionStateError(
        state.status === 'done'
          ? 'this VideoSession is closed: make a new one'
          : 'start() was called before: a VideoSession starts once',
      );
    const model = modelKind(this.#session, options.agent);
    this.#start = options;
    // The first encode loads what the others use: not in the first turn's budget.
    warmUpEncoder(this.#options.turn.image).catch((error) => this.#reporter.error('encode', error));
    this.#stopExport = exportMetrics(() => this.metrics());
    this.actor.send({ type: 'session.start', model });
    for (const event of this.#beforeStart.splice(0)) this.actor.send(event);
    const settled = await waitFor(
      this.actor,
      (snapshot) => snapshot.matches({ open: { startup: 'ready' } }) || snapshot.status === 'done',
    );
    if (settled.status !== 'done') return;
    if (this.#startError) throw this.#startError;
    const { error } = settled.context;
    throw error
      ? new StartTimeoutError(`${error}: see the option limits`)
      : new SessionStateError('close() was called during start()');
  }

  /** Ends the video and the agent session that `start` started. Idempotent; never throws. */
  async close(): Promise<void> {
    this.#tell({ type: 'session.close' });
    await waitFor(this.actor, (snapshot) => snapshot.status === 'done');
    this.#reporter.close();
    await this.#inspection.close();
  }

  /**
   * Watches this source until told otherwise; `null` goes back to the option's.
   * @throws OptionError
   */
  pinSource(selector: SourceSelector | null): void {
    if (selector !== null) checkSelector('selector', selector);
    this.#tell({ type: 'source.pinned', selector });
  }

  /**
   * `off` closes the eyes: nothing is read, and turns carry no picture.
   * @throws OptionError
   */
  setMode(mode: SamplingMode): void {
    this.#tell({ type: 'mode.set', mode: checkMode('mode', mode) });
  }

  /** A copy of the newest frame; `undefined` where there is none. */
  latestFrame(): SeenFrame | undefined {
    const pinned = this.#slot.pin();
    return pinned && seenFrame(pinned);
  }

  /**
   * One fresh frame: the first that arrives from now on.
   * @throws LookError after `input.lookTimeoutMs`, when video is off, and when the session is not
   * running.
   */
  look(): Promise<SeenFrame> {
    return this.#looks.look();
  }

  /** Frames as they come, seen small: what a {@link VideoWatch} looks at. */
  get lumaFeed(): LumaFeed {
    return this.#slot;
  }

  /** The figures so far. */
  metrics(): VideoMetrics {
    return this.#metrics.snapshot(this.#realtime.budget.use());
  }

  /** Calls the handler for each such event. Returns the way to stop it. */
  on<T extends VideoEvent['type']>(type: T, handler: (event: VideoEventOf<T>) => void): () => void {
    return this.#reporter.on(type, handler);
  }

  /** Nothing once it is closed: xstate would complain on the console. */
  #tell(event: SessionEvent): void {
    const state = this.actor.getSnapshot();
    if (state.matches('idle') && event.type !== 'session.close') this.#beforeStart.push(event);
    else if (state.status === 'active') this.actor.send(event);
  }

  /** The machines with their real actors: the one place where they meet. */
  #machine() {
    const { room } = this.#options;
    return sessionMachine.provide({
      actors: {
        agentEvents: agentEvents({
          session: this.#session,
          room,
          linkedIdentity: () => this.#linkedIdentity(room),
          attachment: this.#attachment,
          realtime: this.#realtime.sessions,
          onError: (error) => this.#reporter.error('model', error),
        }),
        sight: sightMachine.provide({
          actors: {
            roomEvents: roomEvents(room, this.#switches, () => this.#linkedIdentity(room)),
            trackDiscovery: trackDiscoveryMachine,
            streamReplacement: streamReplacementMachine,
            idlePause: idlePauseMachine,
            videoStream: videoStream({
              room,
              slot: this.#slot,
              stallAfterMs: this.#options.input.stallAfterMs,
              open: (track, handlers) => {
                const source = openFrameSource(track, handlers);
                this.#metrics.via = source.via;
                return source;
              },
              // A pipeline's turns and looks get what is sent.
              layer: () =>
                this.actor.getSnapshot().context.model === 'realtime'
                  ? this.#realtime.layer
                  : 'high',
              switches: this.#switches,
              onClosing: (closing) => {
                this.#closings.add(closing);
                void closing.finally(() => this.#closings.delete(closing));
              },
            }),
          },
        }),
        ...faceActors(this.#face, this.#options),
        frameSampling: this.#realtime.frameSampling(),
        modelLink: this.#realtime.modelLink(),
        turnCompletion: turnCompletionMachine.provide({
          actors: { firstFrame: freshFrame(this.#slot), encodePicture: this.#pictures.encode() },
        }),
        connectRoom: fromPromise(({ signal }) =>
          this.#keepingError(() => connectRoom(room, signal)),
        ),
        startAgent: fromPromise(() => this.#keepingError(() => this.#startAgent())),
        releaseAll: fromPromise(() => this.#release()),
      },
    });
  }

  async #startAgent(): Promise<void> {
    const { room } = this.#options;
    if (!this.#start) return;
    const { agent } = this.#start;
    this.#attachment.patch(agent);
    this.#realtime.sessions.watch(agent.llm);
    this.#realtime.sessions.watch(this.#session.llm);
    if (this.#face) this.#session.output.audio = this.#face.audio;
    await this.#session.start({ ...this.#start, ...(isRoom(room) ? { room } : {}) });
    // Closed in the meantime, when there was no session to be closed yet.
    if (!this.actor.getSnapshot().matches('open')) await this.#session.close();
  }

  async #release(): Promise<void> {
    this.#stopExport();
    this.#attachment.close();
    const captured = this.#realtime.close();
    this.#slot.clear();
    await Promise.all([...this.#closings, captured]);
    await this.#pictures.close();
    if (this.#start) await this.#session.close();
    // Last: what it says is the last word.
    await this.#face?.close();
  }

  /** `start` throws the error itself; a machine keeps only its text. */
  async #keepingError(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#startError = error;
      throw error;
    }
  }

  #linkedIdentity(room: VideoRoom): string | null {
    const linked = linkedIdentity(this.#session);
    if (linked !== undefined) return linked;
    return firstServed(room, this.#start?.inputOptions?.participantIdentity);
  }

  #frameExpected(): boolean {
    const { pick, sight } = this.actor.getSnapshot().context;
    if (pick === null) return false;
    return sight === 'opening' || sight === 'live' || sight === 'paused';
  }

  /** For a typed turn of a realtime model: the picture goes first, within the turn's budget. */
  #showNewest(): Promise<void> {
    const { attachBudgetMs } = this.#options.turn;
    if (this.actor.getSnapshot().context.mode === 'off') return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        for (const subscription of subscriptions) subscription.unsubscribe();
        resolve();
      };
      const timer = setTimeout(end, attachBudgetMs);
      const subscriptions = [
        this.actor.on('sample.sent', end),
        this.actor.on('sample.skipped', ({ reason }) => {
          // One that was under way goes before the text as well.
          if (reason !== 'busy') end();
        }),
      ];
      this.actor.send({ type: 'turn.typed' });
    });
  }

  #turnReady(report: VideoEventOf<'turn.ready'>): void {
    if (report.outcome === 'attached' && report.frame) {
      this.#metrics.frameAgeMs.add(Date.now() - report.frame.receivedAt);
      this.#inspection.picture(this.#pictures.get(report.requestId), report.frame.source);
    }
    this.#attachment.answered(report);
  }

  #turnCleared(requestId: number, frameId: number): void {
    this.#metrics.bytesSent += this.#pictures.get(requestId)?.data.length ?? 0;
    this.#pictures.settle(requestId, 'sent');
    this.#slot.clear(frameId);
  }
}
