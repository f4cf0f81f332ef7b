import type { voice } from '@livekit/agents';
import { type ActorOptions, type AnyActorLogic, waitFor } from 'xstate';
import type { AvatarOption } from './avatar/avatar-session.ts';
import type { PointMessage } from './client/point-protocol.ts';
import { OptionError, SessionStateError, StartTimeoutError } from './errors.ts';
import type { EncodeOptions } from './frames/encode-options.ts';
import { warmUpEncoder } from './frames/encode-warm-up.ts';
import type { LumaFeed } from './frames/gate.types.ts';
import type { SeenFrame } from './frames/seen-frame.ts';
import type { SessionEvent } from './machines/session.types.ts';
import { modelKind } from './models/model-support.ts';
import type { PushResult } from './models/video-sink.ts';
import type { Region } from './processors/region.ts';
import { type AnyProcessor, checkedProcessors } from './processors/video-processor.ts';
import { checkedLook, type LookOptions, LookRequests } from './session/look-requests.ts';
import type { VideoMetrics } from './session/metrics.ts';
import type { VideoSessionOptions } from './session/options.ts';
import { SessionParts, type VideoStartOptions } from './session/parts.ts';
import type { Place } from './session/pointing.ts';
import type { VideoEvent, VideoEventOf } from './session/reporter.ts';
import {
  checkAvatar,
  checkMode,
  checkSelector,
  type ResolvedOptions,
  resolveOptions,
} from './session/resolve-options.ts';
import type { SeenPicture } from './session/seen-region.ts';
import type { SessionActor } from './session/session-actor.ts';
import { checkSession, checkStartOptions, SessionClaim } from './session/start-checks.ts';
import type { SamplingMode, SourceKind, SourceSelector } from './source.ts';
import './internals/rtc-native-logs.ts';

/**
 * Adds live video to an agent session: it watches the room's video, and the model gets what the
 * user shows.
 *
 * @example
 * ```ts
 * const session = new voice.AgentSession({ stt, llm, tts });
 * const video = new VideoSession(session, { room: ctx.room });
 * await video.start({ agent: new Assistant() });
 * ```
 */
export class VideoSession {
  /** The root actor, for inspection. Its snapshot and those of its children are plain JSON. */
  readonly actor: SessionActor;

  readonly #session: voice.AgentSession;
  readonly #options: ResolvedOptions;
  readonly #parts: SessionParts;
  readonly #claim: SessionClaim;
  readonly #looks: LookRequests;
  /** Events from before `start`, sent once the machine is ready for them. */
  readonly #beforeStart: SessionEvent[] = [];
  #isWatched = false;

  /**
   * @param session - An agent session that is not started yet: {@link VideoSession.start} starts
   * it.
   * @throws OptionError if an option is wrong or unknown; DuplicateFrameworkError if the session
   * comes from another copy of the framework.
   */
  constructor(session: voice.AgentSession, options: VideoSessionOptions) {
    checkSession(session);
    this.#session = session;
    this.#options = resolveOptions(options);
    this.#parts = new SessionParts(session, this.#options);
    this.actor = this.#parts.actor;
    this.#claim = new SessionClaim(session, (problem) =>
      this.#parts.reporter.error('start', problem),
    );
    this.actor.subscribe({ complete: () => this.#claim.release() });
    this.#looks = new LookRequests({
      actor: this.actor,
      sources: this.#parts.sources,
      timeoutMs: this.#options.input.lookTimeoutMs,
      latestFrame: (sourceId, part) => this.#parts.gate.frame(sourceId, part),
      shownFrame: (which, part) => this.#parts.gate.shownFrame(which, part),
      hasFrame: (sourceId) => this.#parts.gate.newest(sourceId) !== null,
    });
  }

  /**
   * Connects the room if it is the job's and not connected yet, then starts the agent session.
   *
   * @throws OptionError without an agent; UnsupportedModelError if the model takes no pictures;
   * SessionStateError if this session or the agent session was started before, if this session is
   * closed, or if another VideoSession serves the agent session; StartTimeoutError if a step took
   * longer than its limit; any error of the agent session's own start.
   */
  async start(options: VideoStartOptions): Promise<void> {
    const state = this.actor.getSnapshot();
    if (!state.matches('idle'))
      throw new SessionStateError(state.status === 'done' ? 'closed' : 'started');
    checkStartOptions(options);
    const hasModel = options.agent.llm ?? this.#session.llm;
    const model =
      this.#isWatched && !hasModel
        ? 'none'
        : modelKind(this.#session, options.agent, this.#options.input.describe !== undefined);
    this.#claim.take();
    this.#parts.willStart(options);
    // The first encode loads sharp, which would exceed the budget of the first turn.
    warmUpEncoder(this.#options.turn.image).catch((error) =>
      this.#parts.reporter.error('encode', error),
    );
    this.actor.send({ type: 'session.start', model });
    for (const event of this.#beforeStart.splice(0)) this.actor.send(event);
    const settled = await waitFor(
      this.actor,
      (snapshot) => snapshot.hasTag('ready') || snapshot.status === 'done',
    );
    if (settled.status !== 'done') return;
    if (this.#parts.startError) throw this.#parts.startError;
    const { error } = settled.context;
    throw error
      ? new StartTimeoutError(`${error}: see the option limits`)
      : new SessionStateError('closing');
  }

  /** Ends the video and the agent session that `start` started. Idempotent; never throws. */
  async close(): Promise<void> {
    this.#tell({ type: 'session.close' });
    await waitFor(this.actor, (snapshot) => snapshot.status === 'done');
    this.#parts.reporter.close();
    await this.#parts.inspection.close();
  }

  /**
   * Watches this source until the next call; `null` returns to the source of the options.
   * @throws OptionError, also with `input.sources`, which watches all of its sources anyway.
   */
  pinSource(selector: SourceSelector | null): void {
    const checked = selector === null ? null : checkSelector('selector', selector);
    if (this.#parts.sources.areSeveral)
      throw new OptionError(
        'selector',
        selector,
        'do not pin: input.sources watches all its sources',
      );
    this.#tell({ type: 'source.pinned', selector: checked });
  }

  /**
   * Sets how the agent sees. `off` stops the video: no frame is read, and turns carry no picture.
   * @throws OptionError
   */
  setMode(mode: SamplingMode): void {
    checkMode('mode', mode);
    // Called by a handler of an event, the machine reads this when the event is over.
    if (mode === 'off') this.#parts.gate.revoke('all');
    this.#tell({ type: 'mode.set', mode });
  }

  /**
   * Replaces `input.processors`; an empty array removes them. Pictures of before are withdrawn from
   * every request that is not finished, and from the history.
   * @throws OptionError
   */
  setProcessors(processors: readonly AnyProcessor[]): void {
    this.#parts.setProcessors(checkedProcessors('processors', processors));
  }

  /**
   * Replaces the avatar, for example after a hand-off to another persona; `null` removes it. The
   * old avatar finishes its speech segment. Until the new one has joined, the agent speaks through
   * its own track.
   * @throws OptionError; SessionStateError if the session was created without the option `avatar`,
   * which may be `null`.
   */
  setAvatar(avatar: AvatarOption | null): void {
    this.#parts.setAvatar(checkAvatar(avatar));
    this.#tell({ type: 'persona.set', hasAvatar: avatar !== null });
  }

  /**
   * A copy of the newest frame; `undefined` if there is none. While the user speaks to a realtime
   * model, the first call returns a frame that is up to a second old, and calls in quick succession
   * the newest ones.
   * @param source - Which of `input.sources`; by default the first.
   * @throws OptionError
   */
  async latestFrame(source?: 'camera' | 'screen'): Promise<SeenFrame | undefined> {
    const sourceId = this.#parts.sources.idOf(source);
    this.#parts.sources.wantFrames(sourceId);
    return this.#parts.gate.frame(sourceId);
  }

  /**
   * One fresh frame: the first that arrives after the call. With a region, a part of the newest
   * frame that a model was shown.
   * @param look - A source, or {@link LookOptions}. By default the watched source; of several, the
   * first that is live. A source that is not watched is opened for this look only, and nothing else
   * changes.
   * @throws LookError after `input.lookTimeoutMs`, if video is off, or if the session is not
   * running; OptionError
   */
  async look(look?: 'camera' | 'screen' | LookOptions): Promise<SeenFrame> {
    const checked = checkedLook(look);
    if (checked.region) this.#parts.gate.keepShown();
    return this.#looks.look(checked);
  }

  /**
   * Marks a place for the participant that the agent serves: a point, or with `width` and `height`
   * a box, in shares of the upright picture that the model was shown. A page shows it with
   * `PointerOverlay` of `sightline/client`.
   *
   * @returns the message, with the place in the track's frame.
   * @throws OptionError; PointError if video is off, if the model was not shown the frame, if the
   * video is no longer shared, or if the message cannot be sent.
   */
  async point(place: Place): Promise<PointMessage> {
    return this.#parts.pointing.point(place);
  }

  /** The agent session of this video, for a {@link VideoWatch}. */
  get agentSession(): voice.AgentSession {
    return this.#session;
  }

  /**
   * Small grey pictures of the frames as they arrive, for a {@link VideoWatch}. The video is not
   * paused between samples while there is a listener, so that no change is missed.
   */
  get lumaFeed(): LumaFeed {
    return this.#parts.sources.lumaFeed;
  }

  /** Called by a {@link VideoWatch} of this session. The session can then start without a model. */
  expectWatch(): void {
    this.#isWatched = true;
  }

  /**
   * Called by a look tool: the frames that a model is shown are kept, for looks at a part of one, and
   * turns show a smaller picture of a whole screen.
   */
  expectRegions(): void {
    this.#parts.expectRegions();
  }

  /**
   * Called by a look tool: the region of the upright frame that a region of the model's picture shows.
   * @throws OptionError if it is outside of the picture
   */
  seenRegion(region: Region, picture: SeenPicture): Region {
    return this.#parts.seenRegion(region, picture);
  }

  /** Called by a look tool: how a turn of a pipeline shows a source. */
  turnImage(source: SourceKind): EncodeOptions {
    return this.#parts.turnImage(source);
  }

  /**
   * Shows a realtime model a frame or a part of one now, beside the samples of the watched sources.
   * Called by a look tool.
   * @throws EncodeError; LookError if the video was switched off meanwhile
   */
  showRealtime(frame: SeenFrame): Promise<PushResult> {
    return this.#parts.showRealtime(frame);
  }

  /** Shows an actor in this session's inspector, such as the one of a {@link VideoWatch}. */
  get inspect(): ActorOptions<AnyActorLogic>['inspect'] {
    return this.#parts.inspection.actorOptions.inspect;
  }

  /** A snapshot of the session's figures. */
  metrics(): VideoMetrics {
    return this.#parts.metrics();
  }

  /**
   * Calls the handler for each event of this type. Returns a function that removes the handler.
   *
   * @throws OptionError for an unknown type, or a handler that is not a function.
   */
  on<T extends VideoEvent['type']>(type: T, handler: (event: VideoEventOf<T>) => void): () => void {
    return this.#parts.reporter.on(type, handler);
  }

  /** Sends nothing after the close: xstate would print a warning. */
  #tell(event: SessionEvent): void {
    const state = this.actor.getSnapshot();
    if (state.matches('idle') && event.type !== 'session.close') this.#beforeStart.push(event);
    else if (state.status === 'active') this.actor.send(event);
  }
}
