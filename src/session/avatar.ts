import type { voice } from '@livekit/agents';
import { speechEnd, startAvatar, stopAvatar } from '../actors/avatar-lifecycle.ts';
import { avatarPresence } from '../actors/avatar-presence.ts';
import { isRoom } from '../actors/video-room.ts';
import { Speaker } from '../avatar/speaker.ts';
import { SESSION_LIMITS } from '../limits.ts';
import { avatarMachine } from '../machines/avatar.machine.ts';
import type { SessionReporter } from './reporter.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** The speaker for the avatar of the options; `undefined` if the option is not set. */
export function makeSpeaker(
  session: voice.AgentSession,
  { avatar, room, avatarLimits }: ResolvedOptions,
  reporter: SessionReporter,
): Speaker | undefined {
  if (avatar === undefined || !isRoom(room)) return undefined;
  return new Speaker({
    session,
    room,
    avatar,
    limits: { ...avatarLimits, stopTimeoutMs: SESSION_LIMITS.avatar.stopTimeoutMs },
    onUnconfirmed: (what) => reporter.unconfirmed(what),
    onError: (error) => reporter.error('avatar', error),
  });
}

/** The real actors of the avatar machine. */
export function avatarActors(speaker: Speaker | undefined, { room }: ResolvedOptions) {
  if (!speaker || !isRoom(room)) return {};
  return {
    avatar: avatarMachine.provide({
      actors: {
        startAvatar: startAvatar(speaker),
        stopAvatar: stopAvatar(speaker),
        speechEnd: speechEnd(speaker),
        avatarPresence: avatarPresence(speaker, room),
      },
    }),
  };
}
