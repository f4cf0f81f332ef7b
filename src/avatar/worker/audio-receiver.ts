import type { voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import type { AvatarError } from '../../errors.ts';
import type { PlaybackFinished } from './avatar-protocol.ts';

/** Speech as it is handed on: frames, and a mark behind the last one of each segment. */
export type SpeechItem = AudioFrame | voice.AudioSegmentEnd;

/** What a clear dropped. */
export interface ClearBufferEvent {
  /** Segments of which nothing was handed over, and now nothing will be. */
  unheardSegments: number;
}

export interface AudioReceiverEvents {
  /**
   * All audio that is not played yet has to go. No mark follows for a segment that was handed over
   * in part.
   */
  clearBuffer: [ClearBufferEvent];
  /** Something was lost or could not be told. Nothing ends by it. */
  error: [AvatarError];
}

/** Where an avatar gets its speech from, and whom it tells what it played. */
export interface AudioReceiver extends AsyncIterable<SpeechItem> {
  start(): Promise<void>;
  /** The first audio of a segment is being played. */
  notifyPlaybackStarted(): void;
  /** Exactly once for each segment. */
  notifyPlaybackFinished(finished: PlaybackFinished): void;
  // One line an event: versions of @types/node differ in how they type a generic EventEmitter.
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
  /** Ends the iteration. Safe to call again. */
  aclose(): Promise<void>;
}
