import type {
  FrameSamplingEvent,
  FrameSamplingInput,
  FrameSamplingReport,
} from './frame-sampling.types.ts';
import type { LookEvent, LookInput, LookReport } from './look.types.ts';
import type { SightInput, SightReport, SightRequest } from './sight.types.ts';
import type { TurnMotionEvent, TurnMotionInput, TurnMotionReport } from './turn-motion.types.ts';

export interface ViewInput {
  /** Which of the session's sources: its place in `input.sources`. */
  view: number;
  eyes: SightInput;
  sampling: FrameSamplingInput;
  motion: TurnMotionInput;
  look: LookInput;
}

export type ViewContext = ViewInput;

/** What the session says to a view. */
export type ViewRequest =
  | Extract<SightRequest, { type: 'mode.set' | 'source.pinned' | `flow.${string}` }>
  | Extract<FrameSamplingEvent, { type: 'user.speaking' | 'user.silent' }>
  | Extract<LookEvent, { type: 'look.requested' }>
  | { type: 'sample.due' }
  | Extract<TurnMotionEvent, { type: 'turn.committed' }>
  /** The user typed to a realtime model. */
  | { type: 'turn.typed' };

export type ViewEvent =
  | ViewRequest
  | SightReport
  | FrameSamplingReport
  | TurnMotionReport
  | LookReport;

/** What a view tells the session: what its parts tell, and whose it is. */
export type ViewReport = (
  | SightReport
  | Exclude<FrameSamplingReport, { type: `rate.${string}` }>
  | TurnMotionReport
  | LookReport
) & { view: number };
