import type { voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import type { AvatarError } from '../../errors.ts';
import type { PlaybackFinished } from './avatar-protocol.ts';

/** Speech as frames, with a mark after the last frame of each segment. */
export type SpeechItem = AudioFrame | voice.AudioSegmentEnd;

/** What a clear dropped. */
export interface ClearBufferEvent {
  /** Segments that were dropped before any part of them was read. */
  unheardSegments: number;
}

export interface AudioReceiverEvents {
  /**
   * All audio that was not played yet must be dropped. A segment that was read in part gets no
   * mark.
   */
  clearBuffer: [ClearBufferEvent];
  /** Speech was lost, or a report was not delivered. The receiver continues. */
  error: [AvatarError];
}

/** The source of an avatar's speech, and the receiver of its playback reports. */
export interface AudioReceiver extends AsyncIterable<SpeechItem> {
  start(): Promise<void>;
  /** The first audio of a segment is being played. */
  notifyPlaybackStarted(): void;
  /** A segment ended. Called exactly once for each. */
  notifyPlaybackFinished(finished: PlaybackFinished): void;
  // One overload for each event: versions of @types/node type a generic EventEmitter differently.
  on(
    event: 'clearBuffer',
    listener: (...args: AudioReceiverEvents['clearBuffer']) => void,
  ): unknown;
  on(event: 'error', listener: (...args: AudioReceiverEvents['error']) => void): unknown;
  off(
    event: 'clearBuffer',
    listener: (...args: AudioReceiverEvents['clearBuffer']) => void,
  ): unknown;
  off(event: 'error', listener: (...args: AudioReceiverEvents['error']) => void): unknown;
  /** Ends the iteration. Idempotent. */
  aclose(): Promise<void>;
}
