import type { voice } from '@livekit/agents';

/** How long the last sounds take to reach the listeners after a segment ends, in ms. */
export const LINGER_MS = 500;

/** An output that plays the agent's speech: the avatar, or the agent's own track. */
export interface SpeechOutput {
  readonly kind: 'avatar' | 'voice';
  readonly output: voice.AudioOutput;
  /** Whether it reports the start of a segment. If not, the first frame counts as the start. */
  readonly reportsStart: boolean;
  /**
   * Whether it reports the end of a segment. An avatar that missed a report counts as one that does
   * not, until its next report.
   */
  reportsEnd: boolean;
  /** Drops queued audio. Never rejects. @returns whether the output acknowledged it */
  clear(): Promise<boolean>;
  /** Releases the output. */
  close(): void;
}
