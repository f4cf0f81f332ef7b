import type { voice } from '@livekit/agents';

/** What plays the agent's speech: the avatar, or a track of the agent's own. */
export interface SpeechOutput {
  readonly kind: 'avatar' | 'voice';
  readonly output: voice.AudioOutput;
  /** Whether it reports the start of a segment: else the first frame is taken for it. */
  readonly reportsStart: boolean;
  /** Has it drop what it holds. Never throws, never waits. */
  clear(): void;
  /** It is not used any more. */
  close(): void;
}
