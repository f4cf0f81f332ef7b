import type { SamplingMode } from './frame-sampling.types.ts';

export interface LookInput {
  /** A look is refused while it is `off`. */
  mode: SamplingMode;
  /** How long a look waits for a fresh frame, in ms. */
  lookTimeoutMs: number;
}

export interface LookContext extends LookInput {
  /** Looks that wait for a fresh frame. */
  looks: number[];
}

export type LookEvent =
  | { type: 'mode.set'; mode: SamplingMode }
  | { type: 'look.requested'; lookId: number };

/** What becomes of looks. */
export type LookReport =
  | { type: 'look.answered'; lookIds: number[]; frameId: number }
  | { type: 'look.failed'; lookIds: number[]; reason: 'timeout' | 'off' };
