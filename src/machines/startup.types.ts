import type { AvatarReport } from './avatar.types.ts';
import type { Parent } from './parent.types.ts';

export interface StartupInput {
  parent: Parent<StartupReport>;
  /** Whether the agent starts only after the avatar has joined or failed. */
  waitsForAvatar: boolean;
  /** How long the room may take to connect, in ms. */
  connectTimeoutMs: number;
  /** How long the agent session may take to start, in ms. */
  startTimeoutMs: number;
}

export type StartupContext = StartupInput;

export type StartupEvent = AvatarReport;

/** Progress of the start. */
export type StartupReport =
  | { type: 'startup.joined' }
  | { type: 'startup.ready' }
  | { type: 'startup.failed'; error: string };
