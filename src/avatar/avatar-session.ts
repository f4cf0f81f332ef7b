import type { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { AvatarError } from '../errors.ts';

/**
 * An avatar of any provider: the shape of the framework's `voice.AvatarSession`, which the plugins
 * of Hedra, Beyond Presence, LemonSlice and Anam have, and `inference.AvatarSession`.
 */
export interface AvatarSessionLike {
  /** Identity of the participant that it joins as. */
  readonly avatarIdentity?: string;
  /** Who makes it, for logs. */
  readonly provider?: string;
  /**
   * Has the provider send it, and sets `session.output.audio`. Session and room are those of the
   * plugin's own copy of the framework, so their types are left open.
   */
  start(session: never, room: never, ...options: never[]): Promise<unknown>;
  /** Ends it. */
  aclose?(): Promise<void>;
}

/** One avatar, or a function that makes a new one: some can be started only once. */
export type AvatarOption = AvatarSessionLike | (() => AvatarSessionLike);

/**
 * Starts an avatar, and gives back the audio output that it made. The session itself keeps its own:
 * a plugin would replace it, also in mid-speech.
 * @throws AvatarError where the plugin made none; whatever its `start` throws.
 */
export async function startAvatar(
  avatar: AvatarSessionLike,
  session: voice.AgentSession,
  room: Room,
): Promise<voice.AudioOutput> {
  let made: voice.AudioOutput | null = null;
  const output = new Proxy(session.output, {
    get: (target, name) => (name === 'audio' ? made : memberOf(target, name)),
    set(target, name, value) {
      if (name !== 'audio') return Reflect.set(target, name, value, target);
      made = value as voice.AudioOutput | null;
      return true;
    },
  });
  const facade = new Proxy(session, {
    get: (target, name) => (name === 'output' ? output : memberOf(target, name)),
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
  await avatar.start(facade as never, room as never);
  if (made) return made;
  throw new AvatarError(
    'no-output',
    `the avatar of ${avatar.provider ?? 'this provider'} started and set no session.output.audio: ` +
      'use a plugin for @livekit/agents 1.x',
  );
}

/**
 * Hears of the end of an avatar's process, from an avatar that emits `exit` as `LocalAvatar` does:
 * the server takes 20 s to report it.
 *
 * @returns the way to stop it.
 */
export function onExitOf(avatar: AvatarSessionLike, onExit: (reason: string) => void): () => void {
  const { on, off } = avatar as Partial<Record<'on' | 'off', unknown>>;
  if (typeof on !== 'function' || typeof off !== 'function') return () => {};
  const listener = (exit?: { expected?: boolean }) => {
    if (!exit?.expected) onExit('its process ended');
  };
  on.call(avatar, 'exit', listener);
  return () => off.call(avatar, 'exit', listener);
}

/** Methods run on the object itself: its private fields are not those of a proxy. */
function memberOf<T extends object>(target: T, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
}
