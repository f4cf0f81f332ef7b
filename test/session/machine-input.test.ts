import { expect, test } from 'vitest';
import { avatarInput, followedSources, machineInput } from '../../src/session/machine-input.ts';
import type { ResolvedOptions } from '../../src/session/resolve-options.ts';

/** Options of which each number is different. */
const options = ({ avatar = undefined as unknown, intervals = {} as object | undefined } = {}) =>
  ({
    avatar,
    input: {
      mode: 'onDemand',
      sources: ['camera', { trackSid: 'TR_1' }, { identity: 'ada' }],
      stallAfterMs: 101,
      pauseWhenIdle: true,
      lookTimeoutMs: 102,
      sampler: Object.assign(() => true, { intervals }),
    },
    turn: { pictures: 4, maxFrameAgeMs: 103, attachBudgetMs: 104 },
    limits: { connectTimeoutMs: 105, startTimeoutMs: 106, closeTimeoutMs: 107 },
    avatarLimits: {
      ...{ startTimeoutMs: 108, joinTimeoutMs: 109, retryBaseMs: 110, maxAttempts: 111 },
      graceMs: 112,
    },
  }) as unknown as ResolvedOptions;

test('the machine of a session gets each option at its place', () => {
  expect(machineInput(options({ intervals: { speaking: 1000, silent: 3000 } }))).toEqual({
    startup: { connectTimeoutMs: 105, startTimeoutMs: 106 },
    closeTimeoutMs: 107,
    mode: 'onDemand',
    follow: [
      { id: 'linked/camera', selector: 'camera' },
      { id: 'track/TR_1', selector: { trackSid: 'TR_1' } },
      { id: 'ada/latest', selector: { identity: 'ada' } },
    ],
    source: {
      discovery: { subscribeGraceMs: 300, subscribeTimeoutMs: 5000 },
      replacement: {
        ...{ openTimeoutMs: 5000, closeTimeoutMs: 2000, retryBaseMs: 250, retryMaxMs: 4000 },
        ...{ maxAttempts: 6, stallAfterMs: 101 },
      },
      pause: {
        ...{ isWanted: true, minIntervalMs: 2000, wakeTimeoutMs: 2000 },
        leadMs: { longest: 500, shortest: 150 },
        // A stream must not look stalled because it rests.
        rest: { shortestMs: 500, longestMs: 101 / 2, leadMs: 150, maxFrameGapMs: 75 },
      },
      // The newest picture is not one of the motion.
      motion: { maxPictures: 3, firstIntervalMs: 500, forgetAfterMs: 10_000 },
      sampling: { intervals: { speakingMs: 1000, silentMs: 3000 } },
      look: { lookTimeoutMs: 102 },
    },
    avatar: null,
    link: { blindAfterMs: 10_000, reviveTimeoutMs: 5000, maxRevivals: 3 },
    turn: { maxFrameAgeMs: 103, attachBudgetMs: 104, commitTimeoutMs: 60_000 },
  });
  expect(followedSources(options())).toHaveLength(3);
});

test('an interval that is infinite or unknown is null, because a context is plain JSON', () => {
  const intervalsOf = (intervals: object | undefined) =>
    machineInput(options({ intervals })).source.sampling.intervals;
  expect(intervalsOf(undefined)).toEqual({ speakingMs: null, silentMs: null });
  expect(intervalsOf({ speaking: Number.POSITIVE_INFINITY, silent: 0 })).toEqual({
    ...{ speakingMs: null, silentMs: 0 },
  });
});

test('an avatar that is null can be set later, and is not wanted yet', () => {
  const limits = {
    ...{ startTimeoutMs: 108, joinTimeoutMs: 109, retryBaseMs: 110, maxAttempts: 111 },
    ...{ graceMs: 112, finishTimeoutMs: 30_000, stopTimeoutMs: 5000, retryMaxMs: 30_000 },
    provenMs: 10_000,
  };
  expect(machineInput(options({ avatar: null })).avatar).toEqual({ isWanted: false, ...limits });
  const avatar = () => {};
  expect(machineInput(options({ avatar })).avatar).toEqual({ isWanted: true, ...limits });
  expect(avatarInput(options().avatarLimits, true)).toEqual({ isWanted: true, ...limits });
});
