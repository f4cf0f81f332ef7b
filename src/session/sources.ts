import { freshOrStillFrame } from '../actors/fresh-frame.ts';
import { PublicationSwitches } from '../actors/publication-switches.ts';
import { roomEvents } from '../actors/room-events.ts';
import { videoStream } from '../actors/video-stream.ts';
import { OptionError } from '../errors.ts';
import type { FrameRef } from '../frame.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { LumaFeed } from '../frames/gate.types.ts';
import { openFrameSource } from '../frames/open-frame-source.ts';
import { idlePauseMachine } from '../machines/idle-pause.machine.ts';
import { lookMachine } from '../machines/look.machine.ts';
import type { FollowedSource } from '../machines/session.types.ts';
import { sourceMachine } from '../machines/source.machine.ts';
import { streamReplacementMachine } from '../machines/stream-replacement.machine.ts';
import { trackDiscoveryMachine } from '../machines/track-discovery.machine.ts';
import { turnMotionMachine } from '../machines/turn-motion.machine.ts';
import { notify } from '../notify.ts';
import type { LookKind, SourceId, SourceSelector, StreamStatus, TrackInfo } from '../source.ts';
import { followedSources } from './machine-input.ts';
import type { MetricsCollector } from './metrics.ts';
import type { PipelineVideo } from './pipeline-video.ts';
import type { RealtimeVideo } from './realtime-video.ts';
import type { SessionReporter } from './reporter.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import type { SessionActor } from './session-actor.ts';

export interface SourcesDeps {
  options: ResolvedOptions;
  gate: FrameGate;
  metrics: MetricsCollector;
  reporter: SessionReporter;
  pipeline: PipelineVideo;
  realtime: RealtimeVideo;
  linkedIdentity(): string | null;
  actor(): SessionActor;
}

/** Selectors that do not match a track without a source. */
const NAMED: readonly SourceSelector[] = ['camera', 'screen'];

/** The sources that a session follows, and the real actors of their machine. */
export class Sources {
  readonly #deps: SourcesDeps;
  readonly #followed: readonly FollowedSource[];
  readonly #switches = new PublicationSwitches();
  readonly #closings = new Set<Promise<void>>();
  readonly #linkChecks = new Set<() => void>();
  /** Tracks without a source that were reported. */
  readonly #unnamed = new Set<string>();

  constructor(deps: SourcesDeps) {
    this.#deps = deps;
    this.#followed = followedSources(deps.options);
    for (const { id } of this.#followed)
      deps.gate.onArrival(id, (frame) => deps.reporter.frame(id, frame));
  }

  /**
   * The framework reports no change of the participant that the agent serves. Turns and looks call
   * this, so that they wait for the new participant's video instead of the next poll.
   */
  checkLink(): void {
    for (const check of this.#linkChecks) check();
  }

  /** The default source of `look()`, `latestFrame()` and a watch. */
  get first(): SourceId {
    return this.#followed[0]?.id ?? '';
  }

  get areSeveral(): boolean {
    return this.#followed.length > 1;
  }

  /** The first source that is live, or may soon be: the default of a look. */
  get current(): SourceId {
    const { sources } = this.#deps.actor().getSnapshot().context;
    const ids = this.#followed.map(({ id }) => id);
    const withStatus = (...statuses: StreamStatus[]) =>
      ids.find((id) => statuses.includes(sources[id]?.streamStatus ?? 'none'));
    return withStatus('live', 'paused') ?? withStatus('opening', 'stalled') ?? this.first;
  }

  /**
   * The followed source of this kind, of the participant that the agent serves or of this one;
   * `undefined` if there is none.
   */
  showing(kind: LookKind | undefined, participant?: string): SourceId | undefined {
    const { sources } = this.#deps.actor().getSnapshot().context;
    const shows = ({ id }: FollowedSource) => {
      const pick = sources[id]?.pick;
      return (
        (kind === undefined || pick?.source === kind) &&
        (participant === undefined || pick?.identity === participant)
      );
    };
    const byName = ({ selector }: FollowedSource) => selector === kind;
    const named = participant === undefined ? this.#followed.find(byName) : undefined;
    const isLive = ({ id }: FollowedSource) => sources[id]?.streamStatus === 'live';
    const all = this.#followed.filter(shows);
    return (named ?? all.find(isLive) ?? all[0])?.id;
  }

  /** @throws OptionError if the source is not followed by this name. */
  idOf(source: 'camera' | 'screen' | undefined): SourceId {
    if (source === undefined) return this.first;
    const followed = this.#followed.find(({ selector }) => selector === source);
    if (followed) return followed.id;
    throw new OptionError('source', source, 'use one of input.sources');
  }

  /**
   * The frames of the first source as they arrive. There are no pauses while there is a listener.
   */
  get lumaFeed(): LumaFeed {
    const { gate, reporter } = this.#deps;
    const sourceId = this.first;
    return {
      onFrame: (listener, everyMs) => {
        this.#tell('flow.held', sourceId);
        const onError = (error: unknown) => reporter.error('handler', error);
        const call = (frame: FrameRef) => notify(listener, frame, onError);
        const stop = gate.onFrame(sourceId, call, everyMs);
        let isOver = false;
        return () => {
          if (isOver) return;
          isOver = true;
          stop();
          this.#tell('flow.released', sourceId);
        };
      },
      luma: (width, height) => gate.luma(sourceId, width, height),
    };
  }

  /** The machine of a source; its input says which one. */
  machine() {
    const { options, gate, pipeline, realtime, linkedIdentity } = this.#deps;
    return sourceMachine.provide({
      actors: {
        roomEvents: roomEvents({
          room: options.room,
          switches: this.#switches,
          linkedIdentity,
          linkChecks: this.#linkChecks,
          onTakenAway: (what) => gate.revoke(what),
          onUnnamed: (track) => this.#reportUnnamed(track),
        }),
        videoStream: this.#videoStream(),
        trackDiscovery: trackDiscoveryMachine,
        streamReplacement: streamReplacementMachine,
        idlePause: idlePauseMachine,
        frameSampling: realtime.frameSampling(),
        look: lookMachine.provide({
          actors: { freshFrame: freshOrStillFrame(gate, (id) => realtime.showAgain(id)) },
        }),
        turnMotion: turnMotionMachine.provide({
          actors: { takePicture: pipeline.takePicture() },
        }),
      },
    });
  }

  /** Resolves when all streams are closed. */
  async close(): Promise<void> {
    await Promise.all(this.#closings);
  }

  /** The application takes the newest frame: a stream at rest is read again. */
  wantFrames(sourceId: SourceId): void {
    this.#tell('flow.wanted', sourceId);
  }

  #tell(type: 'flow.held' | 'flow.released' | 'flow.wanted', sourceId: SourceId): void {
    const actor = this.#deps.actor();
    if (actor.getSnapshot().status === 'active') actor.send({ type, sourceId });
  }

  /** Every source gets each track's events; one report is enough. */
  #reportUnnamed({ sid, identity }: TrackInfo): void {
    const isByName = this.#followed.some(({ selector }) => NAMED.includes(selector));
    if (!isByName || this.#unnamed.has(sid)) return;
    this.#unnamed.add(sid);
    this.#deps.reporter.error(
      'source',
      `the video track ${sid} of ${identity} names no source: it counts as a camera if ${identity} ` +
        'has no other one. Publish it with TrackSource.SOURCE_CAMERA or SOURCE_SCREENSHARE',
    );
  }

  #videoStream() {
    const { options, gate, metrics, realtime, actor } = this.#deps;
    return videoStream({
      room: options.room,
      intake: (sourceId) => gate.intake(sourceId),
      switches: this.#switches,
      stallAfterMs: options.input.stallAfterMs,
      open: (track, handlers) => {
        const source = openFrameSource(track, handlers);
        metrics.via = source.via;
        return source;
      },
      // Turns and looks of a pipeline get the full size.
      layer: () => (actor().getSnapshot().context.model === 'realtime' ? realtime.layer : 'high'),
      onClosing: (closing) => {
        this.#closings.add(closing);
        void closing.finally(() => this.#closings.delete(closing));
      },
    });
  }
}
