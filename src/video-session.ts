import type { voice } from '@livekit/agents';
import { createActor, fromPromise, waitFor } from 'xstate';
import { agentEvents } from './actors/agent-events.ts';
import { chosenLogic } from './actors/chosen-logic.ts';
import { connectRoom } from './actors/connect-room.ts';
import { freshFrame } from './actors/fresh-frame.ts';
import { PublicationSwitches } from './actors/publication-switches.ts';
import { TurnAttachment } from './actors/turn-attachment.ts';
import { TurnPictures } from './actors/turn-pictures.ts';
import { firstServed, isRoom, type VideoRoom } from './actors/video-room.ts';
import type { Face } from './avatar/face.ts';
import { OptionError, SessionStateError, StartTimeoutError } from './errors.ts';
import { warmUpEncoder } from './frames/encode-warm-up.ts';
import type { LumaFeed } from './frames/newest-frame.ts';
import type { SeenFrame } from './frames/seen-frame.ts';
import { Inspection } from './inspect/inspection.ts';
import { linkedIdentity } from './internals/agents.ts';
import type { SamplingMode } from './machines/frame-sampling.types.ts';
import { sessionMachine } from './machines/session.machine.ts';
import type { SessionEvent } from './machines/session.types.ts';
import type { SourceSelector } from './machines/track-discovery.types.ts';
import { turnCompletionMachine } from './machines/turn-completion.machine.ts';
import type { ViewInput } from './machines/view.types.ts';
import { modelKind } from './models/model-support.ts';
import { faceActors, makeFace } from './session/face.ts';
import { Looks } from './session/looks.ts';
import { machineInput } from './session/machine-input.ts';
import { MetricsCollector, type VideoMetrics } from './session/metrics.ts';
import type { VideoSessionOptions } from './session/options.ts';
import { RealtimeVideo } from './session/realtime-video.ts';
import { RemoteControl } from './session/remote-control.ts';
import {
  isOfFace,
  SessionReporter,
  type VideoEvent,
  type VideoEventOf,
} from './session/reporter.ts';
import {
  checkMode,
  checkSelector,
  type ResolvedOptions,
  resolveOptions,
} from './session/resolve-options.ts';
import type { SessionActor } from './session/session-actor.ts';
import { showNewest } from './session/show-newest.ts';
import { exportMetrics } from './session/telemetry.ts';
import { View } from './session/view.ts';

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
  readonly actor: SessionActor;

  readonly #session: voice.AgentSession;
  readonly #options: ResolvedOptions;
  readonly #metrics = new MetricsCollector();
  readonly #reporter = new SessionReporter(this.#metrics);
  /** One for each source that is followed. */
  readonly #views: readonly [View, ...View[]];
  readonly #pictures: TurnPictures;
  readonly #attachment: TurnAttachment;
  readonly #realtime: RealtimeVideo;
  readonly #looks: Looks;
  readonly #inspection: Inspection;
  readonly #face: Face | undefined;
  readonly #control: RemoteControl | undefined;
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
    this.#realtime = new RealtimeVideo({
      session,
      options: this.#options,
      metrics: this.#metrics,
      onSent: (image, source) => this.#inspection.picture(image, source),
      showNewest: () => showNewest(this.actor, this.#options.turn.attachBudgetMs),
      takeSample: (view) => this.#tell({ type: 'sample.due', view }),
    });
    const [first, ...others] = this.#options.input.sources.map((_, view) => this.#view(view));
    this.#views = [first as View, ...others];
    this.#pictures = new TurnPictures({
      views: this.#views,
      options: this.#options.turn,
      onEncoded: (ms) => this.#metrics.encodeMs.add(ms),
      onError: (error) => this.#reporter.error('encode', error),
    });
    this.#attachment = new TurnAttachment({
      newest: () => this.#pictures.newest,
      isLabelled: this.#views.length > 1,
      keepImages: this.#options.turn.keepImages,
      inferenceDetail: this.#options.turn.inferenceDetail,
      show: (requestId) => this.#pictures.get(requestId),
      request: (request) =>
        this.actor.send({
          type: 'turn.requested',
          frameExpected: this.#frameExpected(),
          ...request,
        }),
      committed: (requestId) => this.#tell({ type: 'turn.committed', requestId }),
      onError: (error) => this.#reporter.error('turn', error),
    });
    this.#face = makeFace(session, this.#options, this.#reporter);
    this.#inspection = new Inspection(this.#options.inspect, () => this.metrics());
    this.actor = createActor(this.#machine(), {
      id: 'session',
      input: machineInput(this.#options),
      ...this.#inspection.actorOptions,
    });
    this.#control = RemoteControl.of(this.#options, {
      actor: this.actor,
      linkedIdentity: () => this.#linkedIdentity(this.#options.room),
      onError: (error) => this.#reporter.error('control', error),
    });
    this.#looks = new Looks({
      actor: this.actor,
      timeoutMs: this.#options.input.lookTimeoutMs,
      latestFrame: (view) => this.#views[view]?.latestFrame(),
    });
    this.actor.on('*', (report) => {
      if (report.type === 'turn.ready') this.#turnReady(report);
      if (report.type === 'turn.cleared') this.#turnCleared(report.requestId);
      if (report.type === 'motion.kept') this.#views[report.view]?.strip.keepOnly(report.frameIds);
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
   * @throws OptionError, also where `input.sources` has each of them watched.
   */
  pinSource(selector: SourceSelector | null): void {
    if (selector !== null) checkSelector('selector', selector);
    if (this.#views.length > 1)
      throw new OptionError('selector', selector, 'with input.sources all are watched: pin none');
    this.#tell({ type: 'source.pinned', selector });
  }

  /**
   * `off` closes the eyes: nothing is read, and turns carry no picture.
   * @throws OptionError
   */
  setMode(mode: SamplingMode): void {
    this.#tell({ type: 'mode.set', mode: checkMode('mode', mode) });
  }

  /**
   * A copy of the newest frame; `undefined` where there is none.
   * @param source - Which of `input.sources`; by default the first.
   * @throws OptionError
   */
  latestFrame(source?: 'camera' | 'screen'): SeenFrame | undefined {
    return this.#views[this.#viewOf(source)]?.latestFrame();
  }

  /**
   * One fresh frame: the first that arrives from now on.
   * @param source - Which of `input.sources`; by default the first.
   * @throws LookError after `input.lookTimeoutMs`, when video is off, and when the session is not
   * running; OptionError for a source that is not among `input.sources`.
   */
  async look(source?: 'camera' | 'screen'): Promise<SeenFrame> {
    return this.#looks.look(this.#viewOf(source));
  }

  /** Whose voice and floor it is, for a {@link VideoWatch}. */
  get agentSession(): voice.AgentSession {
    return this.#session;
  }

  /**
   * Frames as they come, seen small: what a {@link VideoWatch} looks at. While somebody listens the
   * video is not paused between samples: what happens in a pause is not seen.
   */
  get lumaFeed(): LumaFeed {
    return this.#views[0].lumaFeed;
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
        view: chosenLogic(
          [this.#views[0].machine, ...this.#views.slice(1).map(({ machine }) => machine)],
          ({ view }: ViewInput) => view,
        ),
        ...faceActors(this.#face, this.#options),
        modelLink: this.#realtime.modelLink(),
        turnCompletion: turnCompletionMachine.provide({
          actors: {
            firstFrame: freshFrame(...this.#views.map(({ slot }) => slot)),
            encodePicture: this.#pictures.encode(),
          },
        }),
        connectRoom: fromPromise(({ signal }) =>
          this.#keepingError(() => connectRoom(room, signal)),
        ),
        startAgent: fromPromise(() => this.#keepingError(() => this.#startAgent())),
        releaseAll: fromPromise(() => this.#release()),
      },
    });
  }

  #view(view: number): View {
    const { room } = this.#options;
    return new View({
      view,
      options: this.#options,
      metrics: this.#metrics,
      reporter: this.#reporter,
      realtime: this.#realtime,
      switches: this.#switches,
      linkedIdentity: () => this.#linkedIdentity(room),
      tell: (event) => this.#tell(event),
      encode: (pinned) => this.#pictures.encodePinned(pinned),
      // A pipeline's turns and looks get what is sent.
      layer: () =>
        this.actor.getSnapshot().context.model === 'realtime' ? this.#realtime.layer : 'high',
      onClosing: (closing) => {
        this.#closings.add(closing);
        void closing.finally(() => this.#closings.delete(closing));
      },
    });
  }

  /** @throws OptionError for a source that is not followed by name. */
  #viewOf(source: 'camera' | 'screen' | undefined): number {
    if (source === undefined) return 0;
    const view = this.#options.input.sources.indexOf(source);
    if (view >= 0) return view;
    throw new OptionError('source', source, 'use one of input.sources');
  }

  async #startAgent(): Promise<void> {
    const { room } = this.#options;
    if (!this.#start) return;
    const { agent } = this.#start;
    this.#attachment.patch(agent);
    this.#realtime.sessions.watch(agent.llm);
    this.#realtime.sessions.watch(this.#session.llm);
    this.#control?.open();
    if (this.#face) this.#session.output.audio = this.#face.audio;
    await this.#session.start({ ...this.#start, ...(isRoom(room) ? { room } : {}) });
    // Closed in the meantime, when there was no session to be closed yet.
    if (!this.actor.getSnapshot().matches('open')) await this.#session.close();
  }

  async #release(): Promise<void> {
    this.#stopExport();
    const silenced = this.#control?.close();
    this.#attachment.close();
    this.#realtime.close();
    const views = this.#views.map((view) => view.close());
    await Promise.all([...this.#closings, ...views, silenced]);
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
    return this.actor
      .getSnapshot()
      .context.views.some(
        ({ pick, sight }) => pick !== null && ['opening', 'live', 'paused'].includes(sight),
      );
  }

  #turnReady(report: VideoEventOf<'turn.ready'>): void {
    if (report.outcome === 'attached' && report.frame) {
      this.#metrics.frameAgeMs.add(Date.now() - report.frame.receivedAt);
      for (const { image, ref } of this.#pictures.get(report.requestId)?.newest ?? [])
        this.#inspection.picture(image, ref.source);
    }
    this.#attachment.answered(report);
  }

  #turnCleared(requestId: number): void {
    const { earlier = [], newest = [] } = this.#pictures.get(requestId) ?? {};
    for (const { image } of [...earlier, ...newest]) this.#metrics.bytesSent += image.data.length;
    this.#pictures.settle(requestId, 'sent');
  }
}
