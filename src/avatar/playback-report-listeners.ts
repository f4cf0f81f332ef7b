import type { LocalParticipant, Room } from '@livekit/rtc-node';
import { PLAYBACK_FINISHED, PLAYBACK_STARTED } from './worker/avatar-protocol.ts';

/** Listener for an avatar's playback reports. */
export interface PlaybackReportListener {
  onStarted(): void;
  onFinished(payload: string): void;
}

/** Listeners for each room that this process has joined, by the avatar's identity. */
const listeners = new WeakMap<LocalParticipant, Map<string, PlaybackReportListener>>();

/**
 * Registers a listener for an avatar's reports. The framework keeps one table for the whole process
 * and listens only in its first room, so two sessions whose avatars share an identity would end
 * each other's speech.
 *
 * @returns a function that removes the listener.
 */
export async function hearPlaybackReports(
  { localParticipant }: Room,
  avatar: string,
  listener: PlaybackReportListener,
): Promise<() => void> {
  // A new output of the framework registers itself some microtasks later; this listener must be
  // last.
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
