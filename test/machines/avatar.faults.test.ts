import { describe, expect, test } from 'vitest';
import { avatarInput } from '../support/machines/inputs.ts';
import { liveAvatar, simulatedAvatar } from '../support/machines/simulated-avatar.ts';

const { startTimeoutMs, joinTimeoutMs, stopTimeoutMs, graceMs } = avatarInput;

describe('an avatar that is late', () => {
  test.each([
    ['its provider never answers', startTimeoutMs, false],
    ['it never joins', joinTimeoutMs, true],
  ])('an avatar is started again although the user stayed: %s', async (_, limitMs, started) => {
    const avatar = simulatedAvatar();
    if (started) await avatar.starts.done();
    await avatar.clock.advanceSettling(limitMs);
    expect(avatar.value()).toBe('voiceOnly.stopping');
    expect(avatar.told()).toEqual(['failed']);
  });

  test('an avatar is given up after the last attempt, even if its provider cannot be stopped', async () => {
    const avatar = simulatedAvatar({ maxAttempts: 1 });
    await avatar.starts.failed('HTTP 500');
    await avatar.stops.failed('HTTP 500');
    expect(avatar.value()).toBe('voiceOnly.givenUp');
  });
});

test('an avatar that falls silent counts as a dropped one, with the reason', async () => {
  const avatar = await liveAvatar();
  avatar.fallsSilent(123);
  expect(avatar.context().drops).toBe(1);
  expect(avatar.reports.at(-1)).toMatchObject({ reason: 'it is silent' });
});

describe('a user who leaves before the agent runs', () => {
  test('a user who returns in time finds the avatar waiting for the agent', async () => {
    const avatar = simulatedAvatar();
    await avatar.starts.done();
    avatar.joins();
    avatar.userLeaves();
    expect(avatar.value()).toBe('shown.alone');
    avatar.userReturns();
    expect(avatar.value()).toBe('shown.joined');
    avatar.agentStarts();
    expect(avatar.value()).toBe('shown.live');
  });

  test('the avatar is taken away if the user stays away past the grace period', async () => {
    const avatar = simulatedAvatar();
    await avatar.starts.done();
    avatar.joins();
    avatar.userLeaves();
    await avatar.clock.advanceSettling(graceMs);
    expect(avatar.told()).toEqual(['shown', 'away']);
  });
});

describe('an avatar that is being taken away', () => {
  const goneAvatar = async () => {
    const avatar = await liveAvatar();
    avatar.userLeaves();
    await avatar.clock.advanceSettling(graceMs);
    expect(avatar.value()).toBe('away.stopping');
    return avatar;
  };

  test('an avatar counts as gone if its provider does not answer the stop', async () => {
    const avatar = await goneAvatar();
    await avatar.clock.advanceSettling(stopTimeoutMs);
    expect(avatar.value()).toBe('away.gone');
  });

  test('an avatar counts as gone if its provider refuses the stop', async () => {
    const avatar = await goneAvatar();
    await avatar.stops.failed('HTTP 500');
    expect(avatar.value()).toBe('away.gone');
  });

  test('an avatar stays away if the user returns and leaves again during the stop', async () => {
    const avatar = await goneAvatar();
    avatar.userReturns();
    expect(avatar.value()).toBe('away.returning');
    avatar.userLeaves();
    expect(avatar.value()).toBe('away.stopping');
    await avatar.stops.done();
    expect(avatar.value()).toBe('away.gone');
    expect(avatar.starts.all).toHaveLength(1);
  });

  test('an avatar starts again for a user who returned, even if the stop of the old one never ends', async () => {
    const avatar = await goneAvatar();
    avatar.userReturns();
    await avatar.clock.advanceSettling(stopTimeoutMs);
    expect(avatar.value()).toBe('coming.starting');
  });
});
