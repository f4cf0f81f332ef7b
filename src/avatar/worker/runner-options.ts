import type { Room } from '@livekit/rtc-node';
import type { AudioReceiver } from './audio-receiver.ts';
import type { VideoGenerator } from './video-generator.ts';

/** What the avatar's tracks carry. */
export interface AvatarFormat {
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Pictures a second. */
  fps: number;
  /** Of the audio, in Hz. */
  sampleRate: number;
  /** Of the audio. */
  channels: number;
}

export interface AvatarRunnerOptions {
  /** A room that the avatar has joined. */
  room: Room;
  /** Where the speech comes from. The runner starts and closes it. */
  audio: AudioReceiver;
  /** Makes the pictures. The runner closes it. */
  video: VideoGenerator;
  options: AvatarFormat;
  /**
   * How long the picture's track waits until somebody hears the audio's, in ms: an agent takes the
   * picture for the sign that it can speak.
   * @defaultValue 2000
   */
  subscriptionTimeoutMs?: number;
}
