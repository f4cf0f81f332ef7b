import type { Room } from '@livekit/rtc-node';
import { OptionError } from '../../errors.ts';
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

/** @throws OptionError that names the option, its value and the remedy. */
export function checkedFormat(format: AvatarFormat, path = 'options'): AvatarFormat {
  const { width, height, fps, sampleRate, channels } = format;
  return {
    width: whole(`${path}.width`, width, 2, 8192),
    height: whole(`${path}.height`, height, 2, 8192),
    fps: whole(`${path}.fps`, fps, 1, 120),
    sampleRate: whole(`${path}.sampleRate`, sampleRate, 8000, 192_000),
    channels: whole(`${path}.channels`, channels, 1, 2),
  };
}

function whole(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new OptionError(option, value, `use a whole number from ${min} to ${max}`);
}
