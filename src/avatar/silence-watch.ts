import type { RemoteTrack } from '@livekit/rtc-node';
import { lastPacketAt } from '../internals/rtc-statistics.ts';
import type { Playback } from './playback.ts';

export interface SilenceWatchDeps {
  /** What is played now. */
  playback(): Playback | undefined;
  /** The avatar's tracks, as the agent receives them. */
  tracks(): { voice: RemoteTrack | undefined; picture: RemoteTrack | undefined };
  /** Nothing came for so long, in ms, while speech should have. */
  silentAfterMs: number;
  /** An avatar may take so long until it begins a segment, in ms. */
  playbackStartTimeoutMs: number;
  /** @param heardUntil - Time of day of the last sound. */
  onSilent(heardUntil: number): void;
}

/** How often is looked while an avatar speaks, in ms. */
const POLL_MS = 50;

/** An avatar that is there sends pictures or sound all the time, but for so long, in ms. */
const STILL_MS = 1000;

/**
 * Notices an avatar whose process died: the server takes 20 s to report it. A voice that is paused
 * is no sign, since a codec may send nothing then; so it is looked for only while the agent's own
 * audio is loud, and in both tracks before the avatar has begun.
 *
 * @returns the way to stop it.
 */
export function watchForSilence(deps: SilenceWatchDeps): () => void {
  let isLooking = false;
  const look = async () => {
    const playback = deps.playback();
    if (playback?.kind !== 'avatar' || playback.sentAt === undefined) return;
    const heardUntil = await silentSince(playback, deps);
    if (heardUntil !== undefined && playback === deps.playback()) deps.onSilent(heardUntil);
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    // Without an answer there is nothing to conclude from.
    look()
      .catch(() => {})
      .finally(() => {
        isLooking = false;
      });
  }, POLL_MS);
  return () => clearInterval(timer);
}

/** Time of day until which the avatar was heard; `undefined` while there is no sign of its end. */
async function silentSince(
  playback: Playback,
  { tracks, silentAfterMs, playbackStartTimeoutMs }: SilenceWatchDeps,
): Promise<number | undefined> {
  const { voice, picture } = tracks();
  const { sentAt = Number.POSITIVE_INFINITY } = playback;
  const heardAt = voice && (await lastPacketAt(voice));
  if (heardAt === undefined) return undefined;
  const now = Date.now();
  const hasBegun = heardAt >= sentAt;
  if (playback.shouldBeHeard(silentAfterMs) && now - heardAt > silentAfterMs)
    if (hasBegun || playback.startIsReported || now - sentAt > playbackStartTimeoutMs)
      return heardAt;
  if (hasBegun || now - Math.max(heardAt, sentAt) <= STILL_MS) return undefined;
  const seenAt = picture && (await lastPacketAt(picture));
  return seenAt !== undefined && now - seenAt > STILL_MS ? heardAt : undefined;
}
