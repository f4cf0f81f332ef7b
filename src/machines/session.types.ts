import type { AvatarStartupInput, AvatarStartupReport } from './avatar-startup.types.ts';
import type {
  FrameSamplingEvent,
  FrameSamplingInput,
  FrameSamplingReport,
  SamplingMode,
} from './frame-sampling.types.ts';
import type { ModelLinkInput, ModelLinkReport } from './model-link.types.ts';
import type { SightInput, SightReport, SightRequest } from './sight.types.ts';
import type { Sight } from './stream-replacement.types.ts';
import type { TrackPick } from './track-discovery.types.ts';
import type {
  FrameRef,
  TurnCompletionEvent,
  TurnCompletionInput,
  TurnCompletionReport,
} from './turn-completion.types.ts';

/** `pipeline`: the newest frame rides on each user turn. `realtime`: frames stream in. */
export type ModelKind = 'pipeline' | 'realtime';

export interface SessionInput {
  eyes: SightInput;
  sampling: Omit<FrameSamplingInput, 'sink'>;
  link: ModelLinkInput;
  /** `null` for an agent without an avatar. */
  face: AvatarStartupInput | null;
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
  /** Numbers of the model requests whose turn actors live. */
  turns: number[];
  error: string | null;
}

export type SessionEvent =
  | { type: 'session.start'; model: ModelKind }
  | { type: 'session.close' }
  /** A child that failed, as XState tells it. */
  | { type: `xstate.error.actor.${string}`; error: unknown }
  | { type: 'agent.closed' }
  | { type: 'agent.handedOff'; agentId: string }
  /** The user typed to a realtime model. */
  | { type: 'turn.typed' }
  | {
      type: 'turn.requested';
      requestId: number;
      requestedAt: number;
      frame: FrameRef | null;
      frameExpected: boolean;
    }
  | Extract<SightRequest, { type: 'mode.set' | 'source.pinned' }>
  | SightReport
  | FrameSamplingEvent
  | FrameSamplingReport
  | ModelLinkReport
  | AvatarStartupReport
  | TurnCompletionEvent
  | TurnCompletionReport;

/** What a user of the session may listen to, beside the transitions themselves. */
export type SessionReport =
  | SightReport
  | FrameSamplingReport
  | ModelLinkReport
  | AvatarStartupReport
  | TurnCompletionReport
  | { type: 'agent.handedOff'; agentId: string }
  | { type: 'session.ready' }
  | { type: 'session.failed'; error: string };
