import type { voice } from '@livekit/agents';
import type { AudioFrame, VideoFrame } from '@livekit/rtc-node';
import type { SpeechItem } from './audio-receiver.ts';

/**
 * Makes the pictures of an avatar from its speech: what a Node developer writes, and
 * `AvatarRunner` plays. As Python's `VideoGenerator`.
 *
 * Iterated, it gives video frames and audio frames in the order in which they belong together: a
 * picture, then the audio that is heard while it is shown, then the next picture; and the mark of
 * each segment's end behind its last audio. It need not keep time: the runner takes the next item
 * when it has room for it. While nobody speaks it gives pictures alone.
 */
export interface VideoGenerator
  extends AsyncIterable<VideoFrame | AudioFrame | voice.AudioSegmentEnd> {
  /**
   * Takes the next frame of speech, or the end of a segment. It may wait until it has room; a
   * `clearBuffer` has to end that wait.
   */
  pushAudio(item: SpeechItem): Promise<void> | void;
  /**
   * Forgets all speech that it took. When it is done, neither audio nor a mark of what was taken
   * before may come out.
   */
  clearBuffer(): Promise<void> | void;
  /** Ends what it opened. */
  aclose?(): Promise<void> | void;
}
