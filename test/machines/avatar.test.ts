import { describe, expect, test } from 'vitest';
import { avatarMachine } from '../../src/machines/avatar.machine.ts';
import { avatarInput } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { liveAvatar, simulatedAvatar } from '../support/machines/simulated-avatar.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

const {
  finishTimeoutMs,
  startTimeoutMs,
  joinTimeoutMs,
  stopTimeoutMs,
  retryBaseMs,
  retryMaxMs,
  graceMs,
} = avatarInput;

test('every state is entered and every transition is taken', () => {
  const { elapsed, done, failed } = eventsOf(avatarMachine);
  const coverage = new Coverage(avatarMachine);
  coverage.explore({
    input: avatarInput,
    events: [
      { type: 'avatar.joined' },
      { type: 'avatar.left' },
      { type: 'avatar.broke', reason: 'it is silent', heardUntil: 5 },
      { type: 'persona.set', hasAvatar: true },
      { type: 'persona.set', hasAvatar: false },
      { type: 'agent.started' },
      { type: 'user.left' },
      { type: 'user.returned' },
      done('presence.coming.starting'),
      failed('presence.coming.starting', 'HTTP 500'),
      elapsed('startTimeout', 'presence.coming.starting'),
      elapsed('joinTimeout', 'presence.coming.joining'),
      elapsed('grace', 'presence.shown.alone'),
      elapsed('proven', 'presence.shown.live'),
      ...[
        'presence.voiceOnly.stopping',
        'presence.away.stopping',
        'presence.away.returning',
      ].flatMap((state) => [done(state), failed(state, 'HTTP 500'), elapsed('stopTimeout', state)]),
      elapsed('untilRetry', 'presence.voiceOnly.backingOff'),
      done('presence.dismissed'),
      failed('presence.dismissed', 'no'),
      elapsed('finishTimeout', 'presence.dismissed'),
    ],
    key: ({ context }) => `${context.attempts} ${context.isWanted}`,
  });
  coverage.explore({ input: { ...avatarInput, isWanted: false }, events: [] });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('startup order', () => {
  test('an avatar starts, joins and is shown; it is live when the agent runs', async () => {
    const avatar = simulatedAvatar();
    expect(avatar.value()).toBe('coming.starting');
    expect(avatar.starts.all).toHaveLength(1);
    await avatar.starts.done();
    expect(avatar.value()).toBe('coming.joining');
    expect(avatar.told()).toEqual([]);
    avatar.joins();
    expect(avatar.value()).toBe('shown.joined');
    expect(avatar.told()).toEqual(['shown']);
    avatar.agentStarts();
    expect(avatar.value()).toBe('shown.live');
  });

  test('an avatar that joins before its provider answers is shown after the answer', async () => {
    const avatar = simulatedAvatar();
    avatar.joins();
    expect(avatar.value()).toBe('coming.starting');
    await avatar.starts.done();
    expect(avatar.value()).toBe('shown.joined');
  });
});

describe('an avatar that does not come', () => {
  test('a refusal of the provider is reported as a failure, and the provider is stopped', async () => {
    const avatar = simulatedAvatar();
    await avatar.starts.failed('HTTP 429');
    expect(avatar.reports).toEqual([{ type: 'avatar.failed', attempt: 1, reason: 'HTTP 429' }]);
    expect(avatar.value()).toBe('voiceOnly.stopping');
    expect(avatar.stops.all).toHaveLength(1);
  });

  test('the reason of a failed start includes the HTTP status', async () => {
    const avatar = simulatedAvatar();
    await avatar.starts.refused(
      Object.assign(new Error('Server returned an error'), { statusCode: 401 }),
    );
    expect(avatar.reports).toMatchObject([{ reason: 'Server returned an error (HTTP 401)' }]);
  });

  test.each([
    ['its provider never answers', startTimeoutMs, false, 'it did not start in time'],
    ['it never joins', joinTimeoutMs, true, 'it did not join in time'],
  ])('the wait for an avatar has a limit: %s', async (_, limitMs, started, reason) => {
    const avatar = simulatedAvatar();
    if (started) await avatar.starts.done();
    await avatar.clock.advanceSettling(limitMs - 1);
    expect(avatar.told()).toEqual([]);
    await avatar.clock.advanceSettling(1);
    expect(ofType(avatar.reports, 'avatar.failed')).toMatchObject([{ reason }]);
    expect(avatar.stops.all).toHaveLength(1);
  });

  test('a failed start is repeated with growing pauses, up to the last attempt', async () => {
    const avatar = simulatedAvatar({ maxAttempts: 4 });
    for (const pause of [retryBaseMs, 2 * retryBaseMs, retryMaxMs]) {
      await avatar.starts.failed('HTTP 500');
      await avatar.stops.done();
      expect(avatar.value()).toBe('voiceOnly.backingOff');
      const attempts = avatar.starts.all.length;
      await avatar.clock.advanceSettling(pause - 1);
      expect(avatar.starts.all).toHaveLength(attempts);
      await avatar.clock.advanceSettling(1);
      expect(avatar.starts.all).toHaveLength(attempts + 1);
    }
    await avatar.starts.failed('HTTP 500');
    await avatar.stops.done();
    expect(avatar.value()).toBe('voiceOnly.givenUp');
    expect(avatar.told()).toEqual(['failed', 'failed', 'failed', 'failed', 'givenUp']);
    expect(avatar.clock.pending).toBe(0);
  });

  test('a failed start is repeated even if the provider cannot be stopped', async () => {
    const avatar = simulatedAvatar();
    await avatar.starts.failed('HTTP 500');
    await avatar.clock.advanceSettling(stopTimeoutMs);
    expect(avatar.value()).toBe('voiceOnly.backingOff');
  });
});

describe('an avatar that goes away', () => {
  test('an avatar that leaves is stopped and started again, and the agent speaks with its own voice meanwhile', async () => {
    const avatar = await liveAvatar();
    avatar.goes();
    expect(avatar.reports.at(-1)).toEqual({
      type: 'avatar.lost',
      reason: 'it left',
      heardUntil: null,
    });
    await avatar.stops.done();
    await avatar.clock.advanceSettling(retryBaseMs);
    await avatar.starts.done();
    expect(avatar.told()).toEqual(['shown', 'lost']);
    avatar.joins();
    expect(avatar.value()).toBe('shown.live');
    expect(avatar.told()).toEqual(['shown', 'lost', 'shown']);
  });

  test('an avatar that falls silent in the room is lost, with the time until which it was heard', async () => {
    const avatar = await liveAvatar();
    avatar.fallsSilent(123);
    expect(avatar.reports.at(-1)).toMatchObject({ type: 'avatar.lost', heardUntil: 123 });
    expect(avatar.value()).toBe('voiceOnly.stopping');
  });

  test('an avatar that leaves repeatedly is given up, unless it stayed long enough in between', async () => {
    const avatar = await liveAvatar({ maxAttempts: 3 });
    const dropAndReturn = async () => {
      avatar.goes();
      await avatar.stops.done();
      await avatar.clock.advanceSettling(retryMaxMs);
      await avatar.starts.done();
      avatar.joins();
    };
    await dropAndReturn();
    expect(avatar.value()).toBe('shown.live');
    await avatar.clock.advanceSettling(avatarInput.provenMs);
    expect(avatar.context().attempts).toBe(0);
    for (let drop = 0; drop < 3; drop++) await dropAndReturn();
    avatar.goes();
    await avatar.stops.done();
    expect(avatar.value()).toBe('voiceOnly.givenUp');
    expect(avatar.context().drops).toBe(5);
  });
});

describe('an avatar without a user', () => {
  test.each(['leaves', 'falls silent'])(
    'an avatar that %s while no user is there is not started until the user returns',
    async (how) => {
      const avatar = await liveAvatar();
      avatar.userLeaves();
      if (how === 'leaves') avatar.goes();
      else avatar.fallsSilent(1);
      expect(avatar.told()).toEqual(['shown', 'away']);
      await avatar.stops.done();
      await avatar.clock.advanceSettling(10 * graceMs);
      expect(avatar.starts.all).toHaveLength(1);
      avatar.userReturns();
      expect(avatar.value()).toBe('coming.starting');
    },
  );
});

describe('a user who leaves', () => {
  test('a user who returns within the grace period finds the same avatar', async () => {
    const avatar = await liveAvatar();
    avatar.userLeaves();
    await avatar.clock.advanceSettling(graceMs - 1);
    avatar.userReturns();
    expect(avatar.value()).toBe('shown.live');
    await avatar.clock.advanceSettling(graceMs);
    expect(avatar.stops.all).toHaveLength(0);
  });

  test('an avatar is stopped after the grace period, and started again when the user returns', async () => {
    const avatar = await liveAvatar();
    avatar.userLeaves();
    await avatar.clock.advanceSettling(graceMs);
    expect(avatar.told()).toEqual(['shown', 'away']);
    await avatar.stops.done();
    expect(avatar.value()).toBe('away.gone');
    expect(avatar.clock.pending).toBe(0);
    avatar.userReturns();
    expect(avatar.value()).toBe('coming.starting');
    expect(avatar.context().attempts).toBe(1);
  });

  test('a user who returns during the stop gets a new avatar only after the old one has ended', async () => {
    const avatar = await liveAvatar();
    avatar.userLeaves();
    await avatar.clock.advanceSettling(graceMs);
    avatar.userReturns();
    expect(avatar.starts.all).toHaveLength(1);
    await avatar.stops.done();
    expect(avatar.starts.all).toHaveLength(2);
  });

  test.each(['coming', 'voiceOnly'])(
    'a user who leaves while the avatar is %s ends the paid session',
    async (state) => {
      const avatar = simulatedAvatar();
      if (state === 'voiceOnly') await avatar.starts.failed('HTTP 500');
      avatar.userLeaves();
      expect(avatar.value()).toBe('away.stopping');
      expect(avatar.stops.all.length).toBeGreaterThan(0);
    },
  );
});

describe('a swap of the avatar', () => {
  test('an avatar that is swapped finishes its segment, then the next one starts at once', async () => {
    const avatar = await liveAvatar();
    avatar.personaIsSet(true);
    expect(avatar.value()).toBe('dismissed');
    expect(avatar.told()).toEqual(['shown', 'dismissed']);
    expect(avatar.stops.all).toHaveLength(0);
    await avatar.speechEnds.done();
    expect(avatar.value()).toBe('voiceOnly.stopping');
    expect(avatar.starts.all).toHaveLength(1);
    avatar.goes();
    await avatar.stops.done();
    expect(avatar.value()).toBe('coming.starting');
    expect(avatar.context().attempts).toBe(1);
    await avatar.starts.done();
    avatar.joins();
    expect(avatar.told()).toEqual(['shown', 'dismissed', 'shown']);
  });

  test('an avatar that is swapped while it speaks is stopped after the time limit', async () => {
    const avatar = await liveAvatar();
    avatar.personaIsSet(true);
    await avatar.clock.advanceSettling(finishTimeoutMs);
    expect(avatar.stops.all).toHaveLength(1);
  });

  test.each([
    ['leaves', 'it left', null],
    ['falls silent', 'it is silent', 123],
  ])(
    'the agent goes on at once if an avatar that is being swapped %s',
    async (_, reason, heardUntil) => {
      const avatar = await liveAvatar();
      avatar.personaIsSet(true);
      if (heardUntil === null) avatar.goes();
      else avatar.fallsSilent(heardUntil);
      expect(avatar.reports.at(-1)).toEqual({ type: 'avatar.lost', reason, heardUntil });
      expect(avatar.value()).toBe('voiceOnly.stopping');
    },
  );

  test('a swap after all attempts failed starts the attempts from one', async () => {
    const avatar = simulatedAvatar({ maxAttempts: 1 });
    await avatar.starts.failed('HTTP 500');
    await avatar.stops.done();
    expect(avatar.value()).toBe('voiceOnly.givenUp');
    avatar.personaIsSet(true);
    await avatar.speechEnds.done();
    await avatar.stops.done();
    expect(avatar.value()).toBe('coming.starting');
  });

  test('a swap while the user is away starts the new avatar when the user returns', async () => {
    const avatar = await liveAvatar();
    avatar.userLeaves();
    avatar.personaIsSet(true);
    await avatar.speechEnds.done();
    await avatar.stops.done();
    expect(avatar.value()).toBe('away.stopping');
    await avatar.stops.done();
    expect(avatar.starts.all).toHaveLength(1);
    avatar.userReturns();
    expect(avatar.value()).toBe('coming.starting');
  });
});

describe('removal of the avatar', () => {
  /** An avatar that was shown, then removed by the application. */
  const dismissedAvatar = async () => {
    const avatar = await liveAvatar();
    avatar.personaIsSet(false);
    await avatar.speechEnds.done();
    await avatar.stops.done();
    return avatar;
  };

  test('an avatar that is removed ends, and the agent keeps its own voice', async () => {
    const avatar = await dismissedAvatar();
    expect(avatar.value()).toBe('absent');
    expect(avatar.told()).toEqual(['shown', 'dismissed']);
    expect(avatar.clock.pending).toBe(0);
  });

  test('after the avatar is removed, no user who comes or goes starts one', async () => {
    const avatar = await liveAvatar();
    avatar.personaIsSet(false);
    await avatar.speechEnds.done();
    avatar.userLeaves();
    await avatar.stops.done();
    expect(avatar.value()).toBe('absent');
    avatar.userReturns();
    avatar.userLeaves();
    avatar.userReturns();
    expect(avatar.value()).toBe('absent');
    expect(avatar.starts.all).toHaveLength(1);
  });

  test('the agent does not wait for an avatar if none is wanted from the start', async () => {
    const avatar = simulatedAvatar({ isWanted: false });
    expect(avatar.told()).toEqual(['dismissed']);
    expect(avatar.starts.all).toHaveLength(0);
    await avatar.speechEnds.done();
    await avatar.stops.done();
    expect(avatar.value()).toBe('absent');
  });

  test('an avatar that is set after a removal starts', async () => {
    const avatar = await dismissedAvatar();
    avatar.personaIsSet(true);
    await avatar.speechEnds.done();
    await avatar.stops.done();
    expect(avatar.value()).toBe('coming.starting');
  });
});

test('an avatar whose process ends before it joins is retried at once', async () => {
  const avatar = simulatedAvatar();
  await avatar.starts.done();
  avatar.fallsSilent(5);
  expect(avatar.told()).toEqual(['failed']);
  expect(avatar.value()).toBe('voiceOnly.stopping');
});
