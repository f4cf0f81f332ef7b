import type {
  ModelKind,
  SamplingMode,
  SourceId,
  SourceSelector,
  StreamStatus,
  TrackPick,
} from '../source.ts';
import type {
  FrameSamplingEvent,
  FrameSamplingInput,
  FrameSamplingReport,
} from './frame-sampling.types.ts';
import type { IdlePauseEvent, IdlePauseInput, IdlePauseReport } from './idle-pause.types.ts';
import type { LookEvent, LookInput, LookReport } from './look.types.ts';
import type { Parent } from './parent.types.ts';
import type {
  StreamReplacementEvent,
  StreamReplacementInput,
  StreamReplacementReport,
} from './stream-replacement.types.ts';
import type {
  TrackDiscoveryEvent,
  TrackDiscoveryInput,
  TrackDiscoveryReport,
} from './track-discovery.types.ts';
import type { TurnMotionEvent, TurnMotionInput, TurnMotionReport } from './turn-motion.types.ts';

/** Inputs of the children that the source sets itself, in addition to the settings. */
type FromSource = 'parent' | 'sourceId' | 'mode' | 'selector' | 'sink';

/** Limits and rates of a source, one group for each of its parts. */
export interface SourceSettings {
  discovery: Omit<TrackDiscoveryInput, FromSource>;
  replacement: Omit<StreamReplacementInput, FromSource>;
  pause: Omit<IdlePauseInput, FromSource>;
  sampling: Omit<FrameSamplingInput, FromSource>;
  look: Omit<LookInput, FromSource>;
  motion: Omit<TurnMotionInput, FromSource>;
}

export interface SourceInput extends SourceSettings {
  parent: Parent<SourceReport>;
  id: SourceId;
  selector: SourceSelector;
  mode: SamplingMode;
  model: ModelKind;
}

export interface SourceContext extends SourceInput {
  pick: TrackPick | null;
  streamStatus: StreamStatus;
  /** Numbers of the streams that have an actor. */
  streams: number[];
}

/** Requests to the room actor. `video.off` stops the video of a participant until `video.on`. */
export type RoomRequest =
  | Extract<TrackDiscoveryReport, { type: `subscription.${string}` }>
  | { type: 'video.off'; identity: string }
  | { type: 'video.on' };

/** What a video stream reports. */
export type StreamReport = Extract<StreamReplacementEvent, { streamId: number }>;

/** Requests to a video stream. */
export type StreamRequest =
  | { type: 'stream.close' }
  | { type: 'stream.pause' }
  | { type: 'stream.resume' }
  | { type: 'stream.rest' }
  | { type: 'stream.read' };

export interface StreamInput {
  sourceId: SourceId;
  streamId: number;
  pick: TrackPick;
}

/** Requests from the session to a source. */
export type SourceRequest =
  | { type: 'mode.set'; mode: SamplingMode }
  | { type: 'source.pinned'; selector: SourceSelector | null }
  | Extract<IdlePauseEvent, { type: `flow.${string}` }>
  | Extract<FrameSamplingEvent, { type: 'user.speaking' | 'user.silent' }>
  | Extract<LookEvent, { type: 'look.requested' }>
  | { type: 'sample.due' }
  | Extract<TurnMotionEvent, { type: 'turn.committed' }>
  /** Another agent is active, or its model turned out to take no pictures. */
  | { type: 'agent.modelChanged'; model: ModelKind; reason: string | null }
  /** The user typed to a realtime model. */
  | { type: 'user.typed' };

export type SourceEvent =
  | SourceRequest
  | TrackDiscoveryEvent
  | TrackDiscoveryReport
  | StreamReport
  | StreamReplacementReport
  | IdlePauseReport
  | FrameSamplingReport
  | TurnMotionReport
  | LookReport;

/** What a source reports to the session: the reports of its children, with the source's id. */
export type SourceReport = (
  | Extract<
      SourceEvent,
      { type: 'pick.changed' | 'streamStatus.changed' | 'video.pauseGivenUp' | 'sampler.failed' }
    >
  | Exclude<FrameSamplingReport, { type: `rate.${string}` }>
  | TurnMotionReport
  | LookReport
) & { sourceId: SourceId };
