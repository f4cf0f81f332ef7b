import { describe, expect, test } from 'vitest';
import { avatarInput } from '../support/machines/inputs.ts';
import { liveAvatar, simulatedAvatar } from '../support/machines/simulated-avatar.ts';

const { startTimeoutMs, joinTimeoutMs, stopTimeoutMs, graceMs } = avatarInput;

describe('an avatar that does not come in time', () => {
  test.each([
    ['its provider never answers', startTimeoutMs, false],
    ['it never joins', joinTimeoutMs, true],
  ])('%s: it is tried again, though nobody left', async (_, limitMs, started) => {
    const avatar = simulatedAvatar();
    if (started) await avatar.starts.done();
    await avatar.clock.advanceSettling(limitMs);
    expect(avatar.value()).toBe('voiceOnly.stopping');
    expect(avatar.told()).toEqual(['failed']);
  });

  test('is given up after the last attempt, also where its provider cannot be stopped', async () => {
    const avatar = simulatedAvatar({ maxAttempts: 1 });
    await avatar.starts.failed('HTTP 500');
    await avatar.stops.failed('HTTP 500');
    expect(avatar.value()).toBe('voiceOnly.givenUp');
  });
});

test('an avatar that falls silent is counted as one that went, with its reason', async () => {
  const avatar = await liveAvatar();
  avatar.fallsSilent(123);
  expect(avatar.context().drops).toBe(1);
  expect(avatar.reports.at(-1)).toMatchObject({ reason: 'it is silent' });
});

describe('a user who leaves before the agent runs', () => {
  test('finds the avatar where they come back in time, and it waits for the agent', async () => {
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

  test('for long takes the avatar away', async () => {
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

  test('is gone where its provider does not answer', async () => {
    const avatar = await goneAvatar();
    await avatar.clock.advanceSettling(stopTimeoutMs);
    expect(avatar.value()).toBe('away.gone');
  });

  test('is gone where its provider refuses', async () => {
    const avatar = await goneAvatar();
    await avatar.stops.failed('HTTP 500');
    expect(avatar.value()).toBe('away.gone');
  });

  test('stays away where the user returns and leaves again', async () => {
    const avatar = await goneAvatar();
    avatar.userReturns();
    expect(avatar.value()).toBe('away.returning');
    avatar.userLeaves();
    expect(avatar.value()).toBe('away.stopping');
    await avatar.stops.done();
    expect(avatar.value()).toBe('away.gone');
    expect(avatar.starts.all).toHaveLength(1);
  });

  test('comes again for a user who returned, though the old one never ends', async () => {
    const avatar = await goneAvatar();
    avatar.userReturns();
    await avatar.clock.advanceSettling(stopTimeoutMs);
    expect(avatar.value()).toBe('coming.starting');
  });
});
