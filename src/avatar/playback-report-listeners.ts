import type { LocalParticipant, Room } from '@livekit/rtc-node';
import { PLAYBACK_FINISHED, PLAYBACK_STARTED } from './worker/avatar-protocol.ts';

/** What an avatar reports of its playback. */
export interface PlaybackReportListener {
  onStarted(): void;
  onFinished(payload: string): void;
}

/** Those of each room that this process has joined, by the avatar's identity. */
const listeners = new WeakMap<LocalParticipant, Map<string, PlaybackReportListener>>();

/**
 * Has the reports of an avatar reach this listener. The framework keeps one table for the whole
 * process and listens in its first room only: two sessions whose avatars have the same identity
 * would end each other's speech.
 *
 * @returns the way to stop it.
 */
export async function hearPlaybackReports(
  { localParticipant }: Room,
  avatar: string,
  listener: PlaybackReportListener,
): Promise<() => void> {
  // A framework's output that was just made registers itself some microtasks later: this is last.
  await new Promise((resolve) => setImmediate(resolve));
  if (!localParticipant) return () => {};
  const known = listeners.get(localParticipant) ?? new Map<string, PlaybackReportListener>();
  listeners.set(localParticipant, known.set(avatar, listener));
  const register = (method: string, hear: (to: PlaybackReportListener, payload: string) => void) =>
    localParticipant.registerRpcMethod(method, async ({ callerIdentity, payload }) => {
      const to = known.get(callerIdentity);
      if (!to) return 'reject';
      hear(to, payload);
      return 'ok';
    });
  register(PLAYBACK_STARTED, (to) => to.onStarted());
  register(PLAYBACK_FINISHED, (to, payload) => to.onFinished(payload));
  return () => {
    if (known.get(avatar) === listener) known.delete(avatar);
  };
}
