import type { RemoteTrack } from '@livekit/rtc-node';
import { lastPacketAt } from '../internals/rtc-statistics.ts';
import type { Playback } from './playback.ts';

export interface SilenceWatchDeps {
  /** What is played now. */
  playback(): Playback | undefined;
  /** The avatar's voice, as the agent receives it. */
  track(): RemoteTrack | undefined;
  /** Nothing came for so long, in ms, while speech should have. */
  silentAfterMs: number;
  /** @param heardUntil - Time of day of the last sound. */
  onSilent(heardUntil: number): void;
}

/** How often is looked while an avatar speaks, in ms. */
const POLL_MS = 50;

/**
 * Notices an avatar whose process died: the server takes 20 s to tell that it is gone. A voice that
 * is paused is no sign, since a codec may send nothing then; so it is looked only where the agent's
 * own audio is loud.
 *
 * @returns the way to stop it.
 */
export function watchForSilence(deps: SilenceWatchDeps): () => void {
  let isLooking = false;
  const look = async () => {
    const playback = deps.playback();
    const track = deps.track();
    if (playback?.kind !== 'avatar' || !track || !playback.shouldBeHeard(deps.silentAfterMs))
      return;
    const heardUntil = await lastPacketAt(track);
    if (heardUntil === undefined || playback !== deps.playback()) return;
    // It has not begun with this segment: that is no silence.
    if (playback.positionMs(heardUntil) <= playback.segment.heardMs) return;
    if (Date.now() - heardUntil > deps.silentAfterMs) deps.onSilent(heardUntil);
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
