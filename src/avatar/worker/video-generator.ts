import type { voice } from '@livekit/agents';
import type { AudioFrame, VideoFrame } from '@livekit/rtc-node';
import type { SpeechItem } from './audio-receiver.ts';

/**
 * Makes the pictures of an avatar from its speech. Implement it, and `AvatarRunner` plays it; it
 * corresponds to Python's `VideoGenerator`.
 *
 * Iterating it returns video and audio frames in playback order: a picture, then the audio that is
 * heard while it is shown, then the next picture, and a mark after the last audio of each segment.
 * It need not keep time, because the runner takes the next item when it has space. In silence it
 * returns only pictures.
 */
export interface VideoGenerator
  extends AsyncIterable<VideoFrame | AudioFrame | voice.AudioSegmentEnd> {
  /**
   * Takes the next frame of speech, or the end of a segment. It may wait for space; `clearBuffer`
   * must end that wait.
   */
  pushAudio(item: SpeechItem): Promise<void> | void;
  /**
   * Drops all speech that it took. After it resolves, neither audio nor a mark from before may be
   * returned.
   */
  clearBuffer(): Promise<void> | void;
  /** Closes what it opened. */
  aclose?(): Promise<void> | void;
}
