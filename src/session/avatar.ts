import type { voice } from '@livekit/agents';
import { startAvatar, stopAvatar } from '../actors/avatar-lifecycle.ts';
import { avatarPresence } from '../actors/avatar-presence.ts';
import { isRoom } from '../actors/video-room.ts';
import { Face } from '../avatar/face.ts';
import { SESSION_LIMITS } from '../limits.ts';
import { avatarMachine } from '../machines/avatar.machine.ts';
import type { SessionReporter } from './reporter.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** The face that the options ask for, if they do. */
export function makeFace(
  session: voice.AgentSession,
  { avatar, room, face }: ResolvedOptions,
  reporter: SessionReporter,
): Face | undefined {
  if (!avatar || !isRoom(room)) return undefined;
  return new Face({
    session,
    room,
    avatar,
    limits: { ...face, stopTimeoutMs: SESSION_LIMITS.avatar.stopTimeoutMs },
    onUnconfirmed: (what) => reporter.unconfirmed(what),
    onError: (error) => reporter.error('avatar', error),
  });
}

/** The avatar's machine with its real actors. */
export function avatarActors(face: Face | undefined, { room, face: limits }: ResolvedOptions) {
  if (!face || !isRoom(room)) return {};
  return {
    avatar: avatarMachine.provide({
      actors: {
        startAvatar: startAvatar(face),
        stopAvatar: stopAvatar(face),
        avatarPresence: avatarPresence(face, room, limits.silentAfterMs),
      },
    }),
  };
}
