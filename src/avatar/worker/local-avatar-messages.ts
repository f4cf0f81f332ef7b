import type { AvatarFormat } from './runner-options.ts';

/** What the avatar's process needs to join. The token is all it gets to know of the keys. */
export interface AvatarJob {
  url: string;
  token: string;
  /** Written below the face; nothing when it is empty. */
  name: string;
  /** Whose speech it plays. */
  agentIdentity: string;
  format: AvatarFormat;
}

export type ToAvatar = { type: 'start'; job: AvatarJob } | { type: 'stop' };

export type FromAvatar =
  | { type: 'joined' }
  | { type: 'playing' }
  | { type: 'fault'; message: string }
  /** It cannot start, and is about to end. */
  | { type: 'failed'; message: string };
