import type { AvatarFormat } from './runner-options.ts';

/** What the avatar's process needs to join. The token is the only credential that it gets. */
export interface AvatarJob {
  url: string;
  token: string;
  /** Written below the face; nothing if empty. */
  name: string;
  /** Identity of the agent whose speech it plays. */
  agentIdentity: string;
  format: AvatarFormat;
}

export type ToAvatar = { type: 'start'; job: AvatarJob } | { type: 'stop' };

/** Parses a message of the agent's process; `undefined` if it is something else. */
export function toAvatar(message: unknown): ToAvatar | undefined {
  const { type, job } = fieldsOf(message);
  if (type === 'stop') return { type };
  const { url, token, name, agentIdentity, format } = fieldsOf(job);
  const isJob = [url, token, name, agentIdentity].every((text) => typeof text === 'string');
  return type === 'start' && isJob && typeof format === 'object' && format !== null
    ? { type, job: job as AvatarJob }
    : undefined;
}

/** Parses a message of the avatar's process; `undefined` if it is something else. */
export function fromAvatar(message: unknown): FromAvatar | undefined {
  const { type, message: text } = fieldsOf(message);
  if (type === 'joined' || type === 'playing') return { type };
  if ((type !== 'fault' && type !== 'failed') || typeof text !== 'string') return undefined;
  return { type, message: text.slice(0, MAX_TEXT) };
}

/** Longest text of a failure, in characters. */
const MAX_TEXT = 2000;

const fieldsOf = (value: unknown): Partial<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

export type FromAvatar =
  | { type: 'joined' }
  | { type: 'playing' }
  | { type: 'fault'; message: string }
  /** It cannot start, and will exit. */
  | { type: 'failed'; message: string };
