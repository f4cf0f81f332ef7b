import type { SamplingMode } from './frame-sampling.types.ts';
import type { IdlePauseEvent, IdlePauseInput, IdlePauseReport } from './idle-pause.types.ts';
import type {
  Sight,
  StreamReplacementEvent,
  StreamReplacementInput,
  StreamReplacementReport,
} from './stream-replacement.types.ts';
import type {
  TrackDiscoveryEvent,
  TrackDiscoveryInput,
  TrackDiscoveryReport,
  TrackPick,
} from './track-discovery.types.ts';

export interface SightInput {
  mode: SamplingMode;
  discovery: TrackDiscoveryInput;
  replacement: StreamReplacementInput;
  pause: IdlePauseInput;
}

export interface SightContext extends SightInput {
  pick: TrackPick | null;
  sight: Sight;
  /** Numbers of the streams whose actors live. */
  streams: number[];
}

/** What the room is asked: `video.off` of a participant whom nobody looks at, until `video.on`. */
export type RoomRequest =
  | Extract<TrackDiscoveryReport, { type: `subscription.${string}` }>
  | { type: 'video.off'; identity: string }
  | { type: 'video.on' };

/** What a video stream tells. */
export type StreamReport = Extract<StreamReplacementEvent, { streamId: number }>;

/** What a video stream is asked. */
export type StreamRequest =
  | { type: 'stream.close' }
  | { type: 'stream.pause' }
  | { type: 'stream.resume' };

/** What the session says to its eyes. */
export type SightRequest =
  | { type: 'mode.set'; mode: SamplingMode }
  | { type: 'source.pinned'; selector: TrackDiscoveryInput['selector'] | null }
  | Extract<
      IdlePauseEvent,
      { type: `rate.${string}` | 'sample.done' | 'frame.needed' | `flow.${string}` }
    >;

export type SightEvent =
  | SightRequest
  | TrackDiscoveryEvent
  | TrackDiscoveryReport
  | StreamReport
  | StreamReplacementReport
  | IdlePauseReport;

/** What the eyes tell the session. */
export type SightReport = Extract<
  SightEvent,
  { type: 'pick.changed' | 'sight.changed' | 'video.pauseGivenUp' }
>;
