import { LOCAL_AVATAR } from '../../defaults.ts';
import { OptionError } from '../../errors.ts';
import { filled } from '../../option-table.ts';
import type { AvatarFormat } from './runner-options.ts';
import { shownName } from './shown-name.ts';

export interface LocalAvatarOptions {
  /**
   * URL of the LiveKit server.
   * @defaultValue the job's, or `LIVEKIT_URL`
   */
  url?: string;
  /** @defaultValue the job's, or `LIVEKIT_API_KEY` */
  apiKey?: string;
  /** @defaultValue the job's, or `LIVEKIT_API_SECRET` */
  apiSecret?: string;
  /**
   * Identity of the avatar in the room.
   * @defaultValue 'sightline-avatar'
   */
  identity?: string;
  /**
   * Its name in the room, which is also written below the face. The first 60 characters are shown,
   * without control characters.
   * @defaultValue none
   */
  name?: string;
  /**
   * Width of the picture, in pixels.
   * @defaultValue 512
   */
  width?: number;
  /**
   * Height of the picture, in pixels.
   * @defaultValue 512
   */
  height?: number;
  /**
   * Frames per second.
   * @defaultValue 25
   */
  fps?: number;
  /**
   * How long the avatar may take to join the room, in ms.
   * @defaultValue 15000
   */
  startTimeoutMs?: number;
}

/** The options that are known before there is a job. */
export interface ResolvedLocalAvatarOptions {
  identity: string;
  name: string;
  format: AvatarFormat;
  startTimeoutMs: number;
}

export interface ServerAccess {
  url: string;
  apiKey: string;
  apiSecret: string;
}

/** Sample rate of the avatar's speech, in Hz. */
const SAMPLE_RATE = 24_000;

/** @throws OptionError that names the option, its value and the remedy. */
export function resolvedOptions(options: LocalAvatarOptions): ResolvedLocalAvatarOptions {
  const { width, height, fps, name, ...others } = filled('', options, LOCAL_AVATAR);
  return {
    ...others,
    name: shownName(name),
    format: { width, height, fps, sampleRate: SAMPLE_RATE, channels: 1 },
  };
}

/** @throws OptionError for the first value that is set neither in the options nor elsewhere. */
export function serverAccess(
  options: LocalAvatarOptions,
  job: Partial<ServerAccess> | undefined,
): ServerAccess {
  const find = (option: keyof ServerAccess, variable: string): string => {
    const value = options[option] || job?.[option] || process.env[variable];
    if (value) return value;
    throw new OptionError(option, undefined, `pass it, or set ${variable} in the environment`);
  };
  return {
    url: find('url', 'LIVEKIT_URL'),
    apiKey: find('apiKey', 'LIVEKIT_API_KEY'),
    apiSecret: find('apiSecret', 'LIVEKIT_API_SECRET'),
  };
}
