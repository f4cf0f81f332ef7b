import type { Parent } from './parent.types.ts';

/** Times are in ms. */
export interface AvatarInput {
  parent: Parent<AvatarReport>;
  /** How long the plugin's `start()` may take. */
  startTimeoutMs: number;
  /** How long the avatar may take to join with its video. */
  joinTimeoutMs: number;
  /** Whether an avatar is wanted; the application may change it during the session. */
  isWanted: boolean;
  /** How long a dismissed avatar may take to finish its speech segment. */
  finishTimeoutMs: number;
  /** How long the provider may take to stop. */
  stopTimeoutMs: number;
  /** First pause before another attempt; doubles with each further attempt. */
  retryBaseMs: number;
  /** Longest pause before another attempt. */
  retryMaxMs: number;
  /** Failed attempts in a row after which the agent keeps its own voice. */
  maxAttempts: number;
  /**
   * After an avatar has been in the room for this long, its attempts are counted from zero again.
   */
  provenMs: number;
  /** How long the avatar stays after the user has left. */
  graceMs: number;
}

export interface AvatarContext extends AvatarInput {
  /** Attempts since the last avatar that stayed for `provenMs`. */
  attempts: number;
  /** How often the avatar was lost while it was in the room. */
  drops: number;
  /** Why the last avatar failed or was lost. */
  reason: string | null;
}

export type AvatarEvent =
  /** The avatar is in the room, with its video. */
  | { type: 'avatar.joined' }
  | { type: 'avatar.left' }
  /**
   * The avatar can no longer speak. `heardUntil`: wall-clock time until which it was heard; `null`
   * for now.
   */
  | { type: 'avatar.broke'; reason: string; heardUntil: number | null }
  /** The application wants another avatar, or none. */
  | { type: 'persona.set'; hasAvatar: boolean }
  /** The agent session runs. */
  | { type: 'agent.started' }
  | { type: 'user.left' }
  | { type: 'user.returned' };

/** What the machine reports: who speaks now. */
export type AvatarReport =
  | { type: 'avatar.shown' }
  /** `heardUntil`: wall-clock time until which the avatar was heard; `null` for now. */
  | { type: 'avatar.lost'; reason: string; heardUntil: number | null }
  | { type: 'avatar.failed'; reason: string; attempt: number }
  | { type: 'avatar.givenUp'; reason: string; attempts: number }
  /** The user has left, and the avatar was stopped. */
  | { type: 'avatar.away' }
  /**
   * The application wants another avatar, or none: the agent speaks itself from the next segment.
   */
  | { type: 'avatar.dismissed' };
