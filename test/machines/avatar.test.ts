import { describe, expect, test } from 'vitest';
import { avatarMachine } from '../../src/machines/avatar.machine.ts';
import { avatarInput } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { liveFace, simulatedFace } from '../support/machines/simulated-face.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

const { startTimeoutMs, joinTimeoutMs, stopTimeoutMs, retryBaseMs, retryMaxMs, graceMs } =
  avatarInput;

test('every state is entered and every transition is taken', () => {
  const { elapsed, done, failed } = eventsOf(avatarMachine);
  const coverage = new Coverage(avatarMachine);
  coverage.explore({
    input: avatarInput,
    events: [
      { type: 'avatar.joined' },
      { type: 'avatar.left' },
      { type: 'avatar.silent', heardUntil: 5 },
      { type: 'agent.started' },
      { type: 'user.left' },
      { type: 'user.returned' },
      done('face.coming.starting'),
      failed('face.coming.starting', 'HTTP 500'),
      elapsed('startTimeout', 'face.coming.starting'),
      elapsed('joinTimeout', 'face.coming.joining'),
      elapsed('grace', 'avatar.shown.alone'),
      elapsed('proven', 'avatar.shown.live'),
      ...['face.voiceOnly.stopping', 'avatar.away.stopping', 'avatar.away.returning'].flatMap(
        (state) => [done(state), failed(state, 'HTTP 500'), elapsed('stopTimeout', state)],
      ),
      elapsed('untilRetry', 'face.voiceOnly.resting'),
    ],
    key: ({ context }) => context.attempts,
  });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('the order', () => {
  test('is: started, joined, shown; live as soon as the agent runs', async () => {
    const face = simulatedFace();
    expect(face.value()).toBe('coming.starting');
    expect(face.starts.all).toHaveLength(1);
    await face.starts.done();
    expect(face.value()).toBe('coming.joining');
    expect(face.told()).toEqual([]);
    face.joins();
    expect(face.value()).toBe('shown.joined');
    expect(face.told()).toEqual(['shown']);
    face.agentStarts();
    expect(face.value()).toBe('shown.live');
  });

  test('is kept where the avatar is faster than its provider', async () => {
    const face = simulatedFace();
    face.joins();
    expect(face.value()).toBe('coming.starting');
    await face.starts.done();
    expect(face.value()).toBe('shown.joined');
  });
});

describe('an avatar that does not come', () => {
  test('its provider refuses: the agent is told to speak, and the provider is stopped', async () => {
    const face = simulatedFace();
    await face.starts.failed('HTTP 429');
    expect(face.reports).toEqual([{ type: 'avatar.failed', attempt: 1, reason: 'HTTP 429' }]);
    expect(face.value()).toBe('voiceOnly.stopping');
    expect(face.stops.all).toHaveLength(1);
  });

  test('its provider refuses with a status: the reason has it', async () => {
    const face = simulatedFace();
    await face.starts.refused(
      Object.assign(new Error('Server returned an error'), { statusCode: 401 }),
    );
    expect(face.reports).toMatchObject([{ reason: 'Server returned an error (HTTP 401)' }]);
  });

  test.each([
    ['its provider never answers', startTimeoutMs, false, 'it never started'],
    ['it never joins', joinTimeoutMs, true, 'it never joined'],
  ])('%s: the wait has a limit', async (_, limitMs, started, reason) => {
    const face = simulatedFace();
    if (started) await face.starts.done();
    await face.clock.advanceSettling(limitMs - 1);
    expect(face.told()).toEqual([]);
    await face.clock.advanceSettling(1);
    expect(ofType(face.reports, 'avatar.failed')).toMatchObject([{ reason }]);
    expect(face.stops.all).toHaveLength(1);
  });

  test('is tried again with growing pauses, and to a limit', async () => {
    const face = simulatedFace({ maxAttempts: 4 });
    for (const pause of [retryBaseMs, 2 * retryBaseMs, retryMaxMs]) {
      await face.starts.failed('HTTP 500');
      await face.stops.done();
      expect(face.value()).toBe('voiceOnly.resting');
      const attempts = face.starts.all.length;
      await face.clock.advanceSettling(pause - 1);
      expect(face.starts.all).toHaveLength(attempts);
      await face.clock.advanceSettling(1);
      expect(face.starts.all).toHaveLength(attempts + 1);
    }
    await face.starts.failed('HTTP 500');
    await face.stops.done();
    expect(face.value()).toBe('voiceOnly.givenUp');
    expect(face.told()).toEqual(['failed', 'failed', 'failed', 'failed', 'givenUp']);
    expect(face.clock.pending).toBe(0);
  });

  test('is tried again where its provider does not stop either', async () => {
    const face = simulatedFace();
    await face.starts.failed('HTTP 500');
    await face.clock.advanceSettling(stopTimeoutMs);
    expect(face.value()).toBe('voiceOnly.resting');
  });
});

describe('an avatar that goes away', () => {
  test('is stopped, and comes again; the agent speaks for itself meanwhile', async () => {
    const face = await liveFace();
    face.goes();
    expect(face.reports.at(-1)).toEqual({
      type: 'avatar.lost',
      reason: 'it left',
      heardUntil: null,
    });
    await face.stops.done();
    await face.clock.advanceSettling(retryBaseMs);
    await face.starts.done();
    expect(face.told()).toEqual(['shown', 'lost']);
    face.joins();
    expect(face.value()).toBe('shown.live');
    expect(face.told()).toEqual(['shown', 'lost', 'shown']);
  });

  test('without leaving the room: told until when it was heard', async () => {
    const face = await liveFace();
    face.fallsSilent(123);
    expect(face.reports.at(-1)).toMatchObject({ type: 'avatar.lost', heardUntil: 123 });
    expect(face.value()).toBe('voiceOnly.stopping');
  });

  test('again and again is given up, unless it was there for a while', async () => {
    const face = await liveFace({ maxAttempts: 3 });
    const dropAndReturn = async () => {
      face.goes();
      await face.stops.done();
      await face.clock.advanceSettling(retryMaxMs);
      await face.starts.done();
      face.joins();
    };
    await dropAndReturn();
    expect(face.value()).toBe('shown.live');
    await face.clock.advanceSettling(avatarInput.provenMs);
    expect(face.context().attempts).toBe(0);
    for (let drop = 0; drop < 3; drop++) await dropAndReturn();
    face.goes();
    await face.stops.done();
    expect(face.value()).toBe('voiceOnly.givenUp');
    expect(face.context().drops).toBe(5);
  });
});

describe('a user who leaves', () => {
  test('and returns within the grace period finds the same avatar', async () => {
    const face = await liveFace();
    face.userLeaves();
    await face.clock.advanceSettling(graceMs - 1);
    face.userReturns();
    expect(face.value()).toBe('shown.live');
    await face.clock.advanceSettling(graceMs);
    expect(face.stops.all).toHaveLength(0);
  });

  test('for longer: it is stopped, and comes again when the user returns', async () => {
    const face = await liveFace();
    face.userLeaves();
    await face.clock.advanceSettling(graceMs);
    expect(face.told()).toEqual(['shown', 'away']);
    await face.stops.done();
    expect(face.value()).toBe('away.gone');
    expect(face.clock.pending).toBe(0);
    face.userReturns();
    expect(face.value()).toBe('coming.starting');
    expect(face.context().attempts).toBe(1);
  });

  test('and returns while it is being stopped: the old one ends first', async () => {
    const face = await liveFace();
    face.userLeaves();
    await face.clock.advanceSettling(graceMs);
    face.userReturns();
    expect(face.starts.all).toHaveLength(1);
    await face.stops.done();
    expect(face.starts.all).toHaveLength(2);
  });

  test.each(['coming', 'voiceOnly'])('while it is %s: nobody pays for it', async (state) => {
    const face = simulatedFace();
    if (state === 'voiceOnly') await face.starts.failed('HTTP 500');
    face.userLeaves();
    expect(face.value()).toBe('away.stopping');
    expect(face.stops.all.length).toBeGreaterThan(0);
  });
});
