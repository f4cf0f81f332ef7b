import { EventEmitter } from 'node:events';
import type { Room } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { Ears } from '../../../src/testing/avatar/ears.ts';

afterEach(() => void vi.useRealTimers());

/** Ears in an empty room that heard these pitches, a piece each 20 ms from 1000 on. */
function heard(pitches: readonly number[], from = 'face') {
  const room = Object.assign(new EventEmitter(), { remoteParticipants: new Map() });
  const ears = new Ears(room as unknown as Room);
  for (const [index, pitch] of pitches.entries())
    ears.sounds.push({ at: 1000 + 20 * index, from, pitch });
  return ears;
}

test('three pieces of a pitch are a step, and fewer are a transition', () => {
  expect(heard([0, 0, 0, 5, 5, 1, 1, 1]).steps).toEqual([0, 1]);
  expect(heard([0, 0, 0, 0, 0, 0]).steps).toEqual([0]);
  expect(heard([0, 0, 1, 0, 0, 1]).steps).toEqual([]);
  expect(heard([0, 0, 0, 1, 1, 1, 0, 0, 0]).steps).toEqual([0, 1, 0]);
  expect(heard([0, 0, 0, 7, 0, 0, 0]).steps).toEqual([0]);
});

test('steps from a later sound begin with its pitch again', () => {
  const ears = heard([0, 0, 0, 0, 0, 0, 1, 1, 1]);
  expect(ears.stepsFrom(3)).toEqual([0, 1]);
  expect(ears.stepsFrom(4)).toEqual([1]);
  expect(ears.stepsFrom(9)).toEqual([]);
});

test('speakers are listed once, in the order of their first sounds since a time', () => {
  const ears = heard([0, 0]);
  ears.sounds.push({ at: 1040, from: 'agent', pitch: 0 }, { at: 1060, from: 'face', pitch: 0 });
  expect(ears.speakers()).toEqual(['face', 'agent']);
  expect(ears.speakers(1040)).toEqual(['agent', 'face']);
  expect(ears.speakers(1061)).toEqual([]);
  expect([ears.heardMs(), ears.heardMs(1040), ears.heardMs(1041)]).toEqual([80, 40, 20]);
});

test('gaps are the silences before the first sound and between sounds since a time', () => {
  const ears = heard([0, 0]);
  ears.sounds.push({ at: 1500, from: 'face', pitch: 0 });
  expect(ears.gaps(900)).toEqual([
    { at: 900, ms: 100 },
    { at: 1000, ms: 20 },
    { at: 1020, ms: 480 },
  ]);
  expect(ears.gaps(900, 100)).toEqual([
    { at: 900, ms: 100 },
    { at: 1020, ms: 480 },
  ]);
  expect(ears.gaps(900, 101)).toHaveLength(1);
  expect(ears.gaps(1020)).toEqual([
    { at: 1020, ms: 0 },
    { at: 1020, ms: 480 },
  ]);
  expect([ears.longestGap(900), ears.longestGap(1600)]).toEqual([480, 0]);
});

test('it is quiet when no sound came for a while', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'performance'], now: 1000 });
  const ears = heard([0]);
  let isQuiet = false;
  const quiet = ears.quiet(100).then(() => {
    isQuiet = true;
  });
  await vi.advanceTimersByTimeAsync(100);
  expect(isQuiet).toBe(false);
  await vi.advanceTimersByTimeAsync(50);
  await quiet;
});

test('quiet takes the sounds that wait for a busy process before it calls it silent', async () => {
  const ears = heard([0]);
  setImmediate(() => ears.sounds.push({ at: Date.now(), from: 'face', pitch: 1 }));
  await ears.quiet(20);
  expect(ears.sounds).toHaveLength(2);
});
