import type { AvatarStartupInput, AvatarStartupReport } from './avatar-startup.types.ts';
import type { FrameSamplingInput, SamplingMode } from './frame-sampling.types.ts';
import type { LookInput } from './look.types.ts';
import type { ModelLinkInput, ModelLinkReport } from './model-link.types.ts';
import type { SightInput } from './sight.types.ts';
import type { Sight } from './stream-replacement.types.ts';
import type { TrackPick } from './track-discovery.types.ts';
import type {
  FrameRef,
  TurnCompletionEvent,
  TurnCompletionInput,
  TurnCompletionReport,
} from './turn-completion.types.ts';
import type { TurnMotionInput } from './turn-motion.types.ts';
import type { ViewReport, ViewRequest } from './view.types.ts';

/** `pipeline`: the newest frame rides on each user turn. `realtime`: frames stream in. */
export type ModelKind = 'pipeline' | 'realtime';

export interface SessionInput {
  /** One for each source that is followed. */
  eyes: SightInput[];
  sampling: Omit<FrameSamplingInput, 'sink'>;
  look: LookInput;
  motion: TurnMotionInput;
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
  mode: SamplingMode;
  /** What each view sees, in the order of the sources. */
  views: { pick: TrackPick | null; sight: Sight }[];
  /** Numbers of the model requests whose turn actors live. */
  turns: number[];
  error: string | null;
}

/** What goes to the view that it names. */
export type ToOneView = Extract<
  ViewRequest,
  { type: 'sample.due' | 'look.requested' | `flow.${string}` }
>;

export type SessionEvent =
  | { type: 'session.start'; model: ModelKind }
  | { type: 'session.close' }
  /** A child that failed, as XState tells it. */
  | { type: `xstate.error.actor.${string}`; error: unknown }
  | { type: 'agent.closed' }
  | { type: 'agent.handedOff'; agentId: string }
  | {
      type: 'turn.requested';
      requestId: number;
      requestedAt: number;
      frame: FrameRef | null;
      frameExpected: boolean;
    }
  | Exclude<ViewRequest, ToOneView | { type: 'turn.committed' }>
  | (ToOneView & { view: number })
  | ViewReport
  | ModelLinkReport
  | AvatarStartupReport
  | TurnCompletionEvent
  | TurnCompletionReport;

/** What a user of the session may listen to, beside the transitions themselves. */
export type SessionReport =
  | ViewReport
  | ModelLinkReport
  | AvatarStartupReport
  | TurnCompletionReport
  | { type: 'agent.handedOff'; agentId: string }
  | { type: 'session.ready' }
  | { type: 'session.failed'; error: string };
