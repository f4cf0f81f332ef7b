import type { FrameRef } from '../frame.ts';
import type {
  ModelKind,
  SamplingMode,
  SourceId,
  SourceSelector,
  StreamStatus,
  TrackPick,
} from '../source.ts';
import type { AvatarInput, AvatarReport } from './avatar.types.ts';
import type { ModelLinkInput, ModelLinkReport } from './model-link.types.ts';
import type { SourceReport, SourceRequest, SourceSettings } from './source.types.ts';
import type { StartupInput, StartupReport } from './startup.types.ts';
import type {
  TurnCompletionEvent,
  TurnCompletionInput,
  TurnCompletionReport,
  TurnWithdrawn,
} from './turn-completion.types.ts';

/** A source that the session follows. */
export interface FollowedSource {
  id: SourceId;
  selector: SourceSelector;
}

export interface SessionInput {
  mode: SamplingMode;
  follow: FollowedSource[];
  source: SourceSettings;
  link: Omit<ModelLinkInput, 'parent'>;
  /** `null` for an agent without an avatar. */
  avatar: Omit<AvatarInput, 'parent'> | null;
  turn: Pick<TurnCompletionInput, 'maxFrameAgeMs' | 'attachBudgetMs' | 'commitTimeoutMs'>;
  startup: Omit<StartupInput, 'parent' | 'waitsForAvatar'>;
  /** How long closing all streams may take, in ms. */
  closeTimeoutMs: number;
}

/** What a source shows now. */
export interface SourceState {
  pick: TrackPick | null;
  streamStatus: StreamStatus;
}

export interface SessionContext extends SessionInput {
  /** The model of the active agent. */
  model: ModelKind;
  /** Why the model takes no pictures; `null` if it does. */
  blindReason: string | null;
  /** The selector that the application pinned; `null` if the selectors of the options apply. */
  pinned: SourceSelector | null;
  /** Sources that are followed temporarily for a look, in addition to those of the options. */
  opened: FollowedSource[];
  sources: Record<SourceId, SourceState>;
  /** Numbers of the model requests that have a turn actor. */
  turns: number[];
  error: string | null;
}

/** Requests to the one source that they name. */
export type ToOneSource = Extract<SourceRequest, { type: 'look.requested' | `flow.${string}` }>;

export type SessionEvent =
  | { type: 'session.start'; model: ModelKind }
  | { type: 'session.close' }
  /** A failed child, as XState reports it. */
  | { type: `xstate.error.actor.${string}`; error: unknown }
  | { type: 'agent.closed' }
  | { type: 'agent.handedOff'; agentId: string }
  /** The application wants another avatar, or none. */
  | { type: 'persona.set'; hasAvatar: boolean }
  | {
      type: 'turn.requested';
      requestId: number;
      requestedAt: number;
      frame: FrameRef | null;
      frameExpected: boolean;
      needsWords: boolean;
    }
  /** A source is followed temporarily; `source.released` ends it. */
  | { type: 'source.opened'; source: FollowedSource }
  | { type: 'source.released'; sourceId: SourceId }
  | Exclude<SourceRequest, ToOneSource | { type: 'turn.committed' | 'sample.due' }>
  | (ToOneSource & { sourceId: SourceId })
  | SourceReport
  | ModelLinkReport
  | StartupReport
  | AvatarReport
  | TurnCompletionEvent
  | TurnCompletionReport
  | TurnWithdrawn;

/** Reports that applications can subscribe to, in addition to the transitions. */
export type SessionReport =
  | SourceReport
  | ModelLinkReport
  | AvatarReport
  | TurnCompletionReport
  | TurnWithdrawn
  | { type: 'agent.handedOff'; agentId: string }
  | { type: 'session.ready' }
  | { type: 'session.failed'; error: string };
