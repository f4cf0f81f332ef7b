import type { RemoteTrack } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Playback } from '../../src/avatar/playback.ts';
import { watchForSilence } from '../../src/avatar/silence-watch.ts';
import { setPacketClock } from '../../src/internals/rtc-statistics.ts';

const SILENT_AFTER_MS = 500;
const START_TIMEOUT_MS = 3000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => vi.useRealTimers());

interface Watched {
  kind?: 'avatar' | 'voice';
  /** When the speech was sent, in ms from the start of the test; `null` if it was not. */
  sentAt?: number | null;
  startIsReported?: boolean;
  shouldBeHeard?: (ms: number) => boolean;
  /** Whether the avatar sends a picture all the time. `undefined`: the agent has no such track. */
  isMoving?: boolean;
}

/** An avatar that was heard until now, and should still be heard. */
function watched({
  kind = 'avatar',
  sentAt = 0,
  startIsReported = true,
  shouldBeHeard = () => true,
  isMoving,
}: Watched = {}) {
  const startedAt = Date.now();
  const state = { heardAt: startedAt, hasVoice: true, checks: 0 };
  const voice = {} as RemoteTrack;
  setPacketClock(voice, () => {
    state.checks += 1;
    return state.heardAt;
  });
  const picture = isMoving === undefined ? undefined : ({} as RemoteTrack);
  if (picture) setPacketClock(picture, () => (isMoving ? Date.now() : startedAt));
  let current: Playback | undefined = {
    ...{ kind, startIsReported, shouldBeHeard },
    sentAt: sentAt === null ? undefined : startedAt + sentAt,
  } as unknown as Playback;
  const silent: number[] = [];
  const stop = watchForSilence({
    playback: () => current,
    tracks: () => ({ voice: state.hasVoice ? voice : undefined, picture }),
    ...{ silentAfterMs: SILENT_AFTER_MS, playbackStartTimeoutMs: START_TIMEOUT_MS },
    onSilent: (heardUntil) => silent.push(heardUntil - startedAt),
  });
  const finish = () => {
    current = undefined;
  };
  return { state, silent, stop, finish };
}

/** Whether the avatar was reported until then, in ms from the start of the test. */
async function reportedAt(avatar: ReturnType<typeof watched>, ...times: number[]) {
  const reported: boolean[] = [];
  let passed = 0;
  for (const time of times) {
    await vi.advanceTimersByTimeAsync(time - passed);
    passed = time;
    reported.push(avatar.silent.length > 0);
  }
  avatar.stop();
  return reported;
}

test('an avatar that sends nothing while it should speak is reported, with the time of its last sound', async () => {
  const avatar = watched();
  expect(await reportedAt(avatar, SILENT_AFTER_MS, SILENT_AFTER_MS + 50)).toEqual([false, true]);
  expect(avatar.silent[0]).toBe(0);
});

test("the avatar's silence counts only while the agent's own audio was loud for as long", async () => {
  const asked: number[] = [];
  const avatar = watched({
    shouldBeHeard: (ms) => {
      asked.push(ms);
      return false;
    },
  });
  expect(await reportedAt(avatar, 5000)).toEqual([false]);
  expect(new Set(asked)).toEqual(new Set([SILENT_AFTER_MS]));
});

test('an avatar that does not report its start has the time of a start', async () => {
  const late = watched({ sentAt: 100, startIsReported: false, isMoving: true });
  expect(await reportedAt(late, 100 + START_TIMEOUT_MS, 150 + START_TIMEOUT_MS)).toEqual([
    ...[false, true],
  ]);
  const reported = watched({ sentAt: 100, startIsReported: true, isMoving: true });
  expect(await reportedAt(reported, 550)).toEqual([true]);
  // It has begun: it was heard after the speech was sent.
  const begun = watched({ sentAt: -100, startIsReported: false, isMoving: true });
  expect(await reportedAt(begun, 550)).toEqual([true]);
});

test('an avatar that has not begun and sends no picture either is reported after a second', async () => {
  const quiet = { sentAt: 300, startIsReported: false, shouldBeHeard: () => false };
  expect(await reportedAt(watched({ ...quiet, isMoving: false }), 1300, 1350)).toEqual([
    ...[false, true],
  ]);
  expect(await reportedAt(watched({ ...quiet, isMoving: true }), 2500)).toEqual([false]);
  expect(await reportedAt(watched(quiet), 2500)).toEqual([false]);
  // In a pause of its speech, an avatar may be still.
  const paused = { ...quiet, sentAt: -100, isMoving: false };
  expect(await reportedAt(watched(paused), 2500)).toEqual([false]);
});

test.each<[string, Watched]>([
  ["the agent's own voice", { kind: 'voice' }],
  ['an avatar that was sent no speech', { sentAt: null }],
])('%s is not checked', async (_, options) => {
  const avatar = watched(options);
  expect(await reportedAt(avatar, 5000)).toEqual([false]);
  expect(avatar.state.checks).toBe(0);
});

test('an avatar without a voice track is not reported', async () => {
  const avatar = watched();
  avatar.state.hasVoice = false;
  expect(await reportedAt(avatar, 5000)).toEqual([false]);
});

test('a check that fails does not end the checks', async () => {
  let failures = 0;
  const avatar = watched({
    shouldBeHeard: () => {
      if (failures++ < 3) throw new Error('no statistics');
      return true;
    },
  });
  expect(await reportedAt(avatar, 1000)).toEqual([true]);
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

test('one check runs at a time', async () => {
  const { state, stop } = watched();
  // No microtask runs between these ticks.
  vi.advanceTimersByTime(500);
  expect(state.checks).toBe(1);
  await vi.advanceTimersByTimeAsync(50);
  expect(state.checks).toBe(2);
  stop();
});

test('a watch for silence that was stopped checks nothing more', async () => {
  const { silent, stop } = watched();
  stop();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(2 * SILENT_AFTER_MS);
  expect(silent).toEqual([]);
});
