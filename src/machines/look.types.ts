import type { SamplingMode, SourceId } from '../source.ts';
import type { Parent } from './parent.types.ts';

export interface LookInput {
  parent: Parent<LookReport>;
  /** Whose frames are looked at. */
  sourceId: SourceId;
  /** A look is refused while this is `off`. */
  mode: SamplingMode;
  /** How long a look waits for a fresh frame, in ms. */
  lookTimeoutMs: number;
}

export interface LookContext extends LookInput {
  /** Looks that are waiting for a fresh frame. */
  looks: number[];
}

export type LookEvent =
  | { type: 'mode.set'; mode: SamplingMode }
  | { type: 'look.requested'; lookId: number };

/** How a look ended. */
export type LookReport =
  | { type: 'look.answered'; lookIds: number[]; frameId: number }
  | { type: 'look.failed'; lookIds: number[]; reason: 'timeout' | 'off' };
