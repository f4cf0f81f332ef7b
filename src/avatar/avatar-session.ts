import type { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { AvatarError } from '../errors.ts';

/**
 * An avatar of any provider: the shape of the framework's `voice.AvatarSession`, which the plugins
 * of Hedra, Beyond Presence, LemonSlice and Anam use, and of `inference.AvatarSession`.
 */
export interface AvatarSessionLike {
  /** Identity of the avatar's participant. */
  readonly avatarIdentity?: string;
  /** The provider's name, for logs. */
  readonly provider?: string;
  /**
   * Starts the avatar, and sets `session.output.audio` or calls `replaceAudioTail` of it. The parameters are typed by the plugin's
   * own copy of the framework, so their types are left open.
   */
  start(session: never, room: never, ...options: never[]): Promise<unknown>;
  /** Stops the avatar. */
  aclose?(): Promise<void>;
}

/** An avatar session, or a function that creates one, because some can be started only once. */
export type AvatarOption = AvatarSessionLike | (() => AvatarSessionLike);

/**
 * Starts an avatar, and returns the audio output that it created. The session's own output stays:
 * otherwise a plugin could replace it in the middle of speech.
 * @throws AvatarError if the plugin created no output; any error of its `start`.
 */
export async function startAvatar(
  avatar: AvatarSessionLike,
  session: voice.AgentSession,
  room: Room,
): Promise<voice.AudioOutput> {
  let made: voice.AudioOutput | null = null;
  const replaceAudioTail = (tail: voice.AudioOutput) => {
    made = tail;
  };
  const output = new Proxy(session.output, {
    get(target, name) {
      if (name === 'audio') return made;
      // What plugins for frameworks after 1.9 call instead of setting `audio`.
      return name === 'replaceAudioTail' ? replaceAudioTail : memberOf(target, name);
    },
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
    `the avatar of ${avatar.provider ?? 'this provider'} started, but did not set session.output.audio: ` +
      'use a plugin for @livekit/agents 1.x',
  );
}

/**
 * Listens for the end of an avatar's process, for avatars that emit `exit` as `LocalAvatar` does.
 * The server takes 20 s to report it.
 *
 * @returns a function that stops listening.
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

/** Methods are bound to the object itself: a proxy has no access to its private fields. */
function memberOf<T extends object>(target: T, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
}
