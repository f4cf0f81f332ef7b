import type { RemoteTrack } from '@livekit/rtc-node';
import { lastPacketAt } from '../internals/rtc-statistics.ts';
import type { Playback } from './playback.ts';

export interface SilenceWatchDeps {
  /** The current playback. */
  playback(): Playback | undefined;
  /** The avatar's tracks, as the agent receives them. */
  tracks(): { voice: RemoteTrack | undefined; picture: RemoteTrack | undefined };
  /** How long an avatar may send nothing while it should speak, in ms. */
  silentAfterMs: number;
  /** How long an avatar may take to begin a segment, in ms. */
  playbackStartTimeoutMs: number;
  /** @param heardUntil - Wall-clock time of the last sound. */
  onSilent(heardUntil: number): void;
}

/** Interval of the checks while an avatar speaks, in ms. */
const POLL_MS = 50;

/** A working avatar sends pictures or sound at least this often, in ms. */
const STILL_MS = 1000;

/**
 * Detects an avatar whose process died; the server takes 20 s to report it. A pause in its voice is
 * no sign, because codecs may send nothing then. So the voice is checked only while the agent's own
 * audio is loud, and before the avatar has begun, both tracks are checked.
 *
 * @returns a function that stops the checks.
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
    // A failed check says nothing about the avatar.
    look()
      .catch(() => {})
      .finally(() => {
        isLooking = false;
      });
  }, POLL_MS);
  return () => clearInterval(timer);
}

/** Wall-clock time until which the avatar was heard; `undefined` while it seems to work. */
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
