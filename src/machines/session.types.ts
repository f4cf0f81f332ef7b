import type {
  FrameSamplingEvent,
  FrameSamplingInput,
  FrameSamplingReport,
  SamplingMode,
} from './frame-sampling.types.ts';
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
import type {
  FrameRef,
  TurnCompletionEvent,
  TurnCompletionInput,
  TurnCompletionReport,
} from './turn-completion.types.ts';

/** `pipeline`: the newest frame rides on each user turn. `realtime`: frames stream in. */
export type ModelKind = 'pipeline' | 'realtime';

export interface SessionInput {
  discovery: TrackDiscoveryInput;
  replacement: StreamReplacementInput;
  sampling: Omit<FrameSamplingInput, 'sink'>;
  turn: Pick<TurnCompletionInput, 'maxFrameAgeMs' | 'attachBudgetMs' | 'commitTimeoutMs'>;
  /** How long the room may take to connect, in ms. */
  connectTimeoutMs: number;
  /** How long the agent session may take to start, in ms. */
  startTimeoutMs: number;
  /** How long the end of all streams may take, in ms. */
  closeTimeoutMs: number;
}

export interface SessionContext extends SessionInput {
  model: ModelKind;
  pick: TrackPick | null;
  mode: SamplingMode;
  sight: Sight;
  /** Numbers of the streams whose actors live. */
  streams: number[];
  /** Numbers of the model requests whose turn actors live. */
  turns: number[];
  error: string | null;
}

export type StreamReport = Exclude<StreamReplacementEvent, { type: 'pick.changed' }>;

export type SessionEvent =
  | { type: 'session.start'; model: ModelKind }
  | { type: 'session.close' }
  | { type: 'agent.closed' }
  | { type: 'agent.handedOff'; agentId: string }
  | {
      type: 'turn.requested';
      requestId: number;
      requestedAt: number;
      frame: FrameRef | null;
      frameExpected: boolean;
    }
  | TrackDiscoveryEvent
  | TrackDiscoveryReport
  | StreamReport
  | StreamReplacementReport
  | FrameSamplingEvent
  | FrameSamplingReport
  | TurnCompletionEvent
  | TurnCompletionReport;

/** What a user of the session may listen to, beside the transitions themselves. */
export type SessionReport =
  | TrackDiscoveryReport
  | StreamReplacementReport
  | FrameSamplingReport
  | TurnCompletionReport
  | { type: 'agent.handedOff'; agentId: string }
  | { type: 'session.ready' }
  | { type: 'session.failed'; error: string };
