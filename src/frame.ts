import type { SourceKind } from './source.ts';

/**
 * A frame without its pixels, as machines refer to it. The pixels stay in the newest-frame slot.
 */
export interface FrameRef {
  id: number;
  trackSid: string;
  identity: string;
  source: SourceKind;
  width: number;
  height: number;
  /** When it was received, in ms since the epoch. */
  receivedAt: number;
}
