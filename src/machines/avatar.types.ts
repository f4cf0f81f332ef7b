import type { Parent } from './parent.types.ts';

/** Times are in ms. */
export interface AvatarInput {
  parent: Parent<AvatarReport>;
  /** How long the provider may take to start. */
  startTimeoutMs: number;
  /** How long the avatar may take to join with its video. */
  joinTimeoutMs: number;
  /** Whether there is to be an avatar; the application may change its mind. */
  isWanted: boolean;
  /** How long an avatar that has to go may speak on. */
  finishTimeoutMs: number;
  /** How long the provider may take to stop. */
  stopTimeoutMs: number;
  /** First pause before another attempt; doubled each time. */
  retryBaseMs: number;
  /** Longest pause before another attempt. */
  retryMaxMs: number;
  /** Attempts in a row without success until it stays a voice. */
  maxAttempts: number;
  /** An avatar that was there for so long begins its attempts anew. */
  provenMs: number;
  /** How long the avatar stays when the user has left. */
  graceMs: number;
}

export interface AvatarContext extends AvatarInput {
  /** Attempts since the avatar was last there for a while. */
  attempts: number;
  /** Times that it went away while it was shown. */
  drops: number;
  /** Why it is not there. */
  reason: string | null;
}

export type AvatarEvent =
  /** It is in the room, with its video. */
  | { type: 'avatar.joined' }
  | { type: 'avatar.left' }
  /** It cannot speak any more; it was heard until that time of day, or until now. */
  | { type: 'avatar.broke'; reason: string; heardUntil: number | null }
  /** The application wants another avatar, or none. */
  | { type: 'persona.set'; hasAvatar: boolean }
  /** The agent session runs. */
  | { type: 'agent.started' }
  | { type: 'user.left' }
  | { type: 'user.returned' };

/** What it tells: who speaks now. */
export type AvatarReport =
  | { type: 'avatar.shown' }
  /** `heardUntil`: the time of day until which it was heard; `null` for now. */
  | { type: 'avatar.lost'; reason: string; heardUntil: number | null }
  | { type: 'avatar.failed'; reason: string; attempt: number }
  | { type: 'avatar.givenUp'; reason: string; attempts: number }
  /** The user has left, and the avatar with it. */
  | { type: 'avatar.away' }
  /** The application wants another one, or none: the agent speaks for itself from the next segment on. */
  | { type: 'avatar.dismissed' };
