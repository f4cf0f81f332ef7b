import type { voice } from '@livekit/agents';

/** An output that plays the agent's speech: the avatar, or the agent's own track. */
export interface SpeechOutput {
  readonly kind: 'avatar' | 'voice';
  readonly output: voice.AudioOutput;
  /** Whether it reports the start of a segment. If not, the first frame counts as the start. */
  readonly reportsStart: boolean;
  /** Drops queued audio. Never throws, never waits. */
  clear(): void;
  /** Releases the output. */
  close(): void;
}
