import type { Room } from '@livekit/rtc-node';
import type { AudioReceiver } from './audio-receiver.ts';
import type { VideoGenerator } from './video-generator.ts';

/** Format of the avatar's tracks. */
export interface AvatarFormat {
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Frames per second. */
  fps: number;
  /** Sample rate of the audio, in Hz. */
  sampleRate: number;
  /** Channels of the audio. */
  channels: number;
}

export interface AvatarRunnerOptions {
  /** A room that the avatar has joined. */
  room: Room;
  /** Source of the speech. The runner starts and closes it. */
  audio: AudioReceiver;
  /** Makes the pictures. The runner closes it. */
  video: VideoGenerator;
  options: AvatarFormat;
  /**
   * How long the video track waits for a subscriber of the audio, in ms: agents take the video for
   * the sign that the avatar can speak.
   * @defaultValue 2000
   */
  subscriptionTimeoutMs?: number;
}
