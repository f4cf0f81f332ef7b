import type { RemoteTrack } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Playback } from '../../src/avatar/playback.ts';
import { watchForSilence } from '../../src/avatar/silence-watch.ts';
import { setPacketClock } from '../../src/internals/rtc-statistics.ts';

const SILENT_AFTER_MS = 500;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => vi.useRealTimers());

/** An avatar that was heard until now, and should still be heard. */
function watched() {
  const heardAt = Date.now();
  const track = {} as RemoteTrack;
  setPacketClock(track, () => heardAt);
  const playback = {
    ...{ kind: 'avatar', sentAt: heardAt, startIsReported: true },
    shouldBeHeard: () => true,
  } as unknown as Playback;
  const silent: number[] = [];
  let current: Playback | undefined = playback;
  const stop = watchForSilence({
    playback: () => current,
    tracks: () => ({ voice: track, picture: undefined }),
    ...{ silentAfterMs: SILENT_AFTER_MS, playbackStartTimeoutMs: 60_000 },
    onSilent: (heardUntil) => silent.push(heardUntil),
  });
  const finish = () => {
    current = undefined;
  };
  return { heardAt, silent, stop, finish };
}

test('an avatar that sends nothing while it should speak is reported, with the time of its last sound', async () => {
  const { heardAt, silent, stop } = watched();
  await vi.advanceTimersByTimeAsync(SILENT_AFTER_MS);
  expect(silent).toEqual([]);
  await vi.advanceTimersByTimeAsync(SILENT_AFTER_MS);
  expect(silent[0]).toBe(heardAt);
  stop();
});

test('an avatar whose segment ended during the check is not reported', async () => {
  const { silent, stop, finish } = watched();
  vi.setSystemTime(Date.now() + 2 * SILENT_AFTER_MS);
  vi.advanceTimersByTime(SILENT_AFTER_MS);
  // The check has read the packets' time, and not yet reported.
  finish();
  await vi.advanceTimersByTimeAsync(0);
  expect(silent).toEqual([]);
  stop();
});

test('a watch for silence that was stopped checks nothing more', async () => {
  const { silent, stop } = watched();
  stop();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(2 * SILENT_AFTER_MS);
  expect(silent).toEqual([]);
});
