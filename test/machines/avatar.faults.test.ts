import { describe, expect, test } from 'vitest';
import { avatarInput } from '../support/machines/inputs.ts';
import { liveFace, simulatedFace } from '../support/machines/simulated-face.ts';

const { startTimeoutMs, joinTimeoutMs, stopTimeoutMs, graceMs } = avatarInput;

describe('an avatar that does not come in time', () => {
  test.each([
    ['its provider never answers', startTimeoutMs, false],
    ['it never joins', joinTimeoutMs, true],
  ])('%s: it is tried again, though nobody left', async (_, limitMs, started) => {
    const face = simulatedFace();
    if (started) await face.starts.done();
    await face.clock.advanceSettling(limitMs);
    expect(face.value()).toBe('voiceOnly.stopping');
    expect(face.told()).toEqual(['failed']);
  });

  test('is given up after the last attempt, also where its provider cannot be stopped', async () => {
    const face = simulatedFace({ maxAttempts: 1 });
    await face.starts.failed('HTTP 500');
    await face.stops.failed('HTTP 500');
    expect(face.value()).toBe('voiceOnly.givenUp');
  });
});

test('an avatar that falls silent is counted as one that went, with its reason', async () => {
  const face = await liveFace();
  face.fallsSilent(123);
  expect(face.context().drops).toBe(1);
  expect(face.reports.at(-1)).toMatchObject({ reason: 'it is silent' });
});

describe('a user who leaves before the agent runs', () => {
  test('finds the avatar where they come back in time, and it waits for the agent', async () => {
    const face = simulatedFace();
    await face.starts.done();
    face.joins();
    face.userLeaves();
    expect(face.value()).toBe('shown.alone');
    face.userReturns();
    expect(face.value()).toBe('shown.joined');
    face.agentStarts();
    expect(face.value()).toBe('shown.live');
  });

  test('for long takes the avatar away', async () => {
    const face = simulatedFace();
    await face.starts.done();
    face.joins();
    face.userLeaves();
    await face.clock.advanceSettling(graceMs);
    expect(face.told()).toEqual(['shown', 'away']);
  });
});

describe('an avatar that is being taken away', () => {
  const goneFace = async () => {
    const face = await liveFace();
    face.userLeaves();
    await face.clock.advanceSettling(graceMs);
    expect(face.value()).toBe('away.stopping');
    return face;
  };

  test('is gone where its provider does not answer', async () => {
    const face = await goneFace();
    await face.clock.advanceSettling(stopTimeoutMs);
    expect(face.value()).toBe('away.gone');
  });

  test('is gone where its provider refuses', async () => {
    const face = await goneFace();
    await face.stops.failed('HTTP 500');
    expect(face.value()).toBe('away.gone');
  });

  test('stays away where the user returns and leaves again', async () => {
    const face = await goneFace();
    face.userReturns();
    expect(face.value()).toBe('away.returning');
    face.userLeaves();
    expect(face.value()).toBe('away.stopping');
    await face.stops.done();
    expect(face.value()).toBe('away.gone');
    expect(face.starts.all).toHaveLength(1);
  });

  test('comes again for a user who returned, though the old one never ends', async () => {
    const face = await goneFace();
    face.userReturns();
    await face.clock.advanceSettling(stopTimeoutMs);
    expect(face.value()).toBe('coming.starting');
  });
});
