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

describe('the order', () => {
  test('is: started, joined, shown; live as soon as the agent runs', async () => {
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

  test('is kept where the avatar is faster than its provider', async () => {
    const avatar = simulatedAvatar();
    avatar.joins();
    expect(avatar.value()).toBe('coming.starting');
    await avatar.starts.done();
    expect(avatar.value()).toBe('shown.joined');
  });
});

describe('an avatar that does not come', () => {
  test('its provider refuses: the agent is told to speak, and the provider is stopped', async () => {
    const avatar = simulatedAvatar();
    await avatar.starts.failed('HTTP 429');
    expect(avatar.reports).toEqual([{ type: 'avatar.failed', attempt: 1, reason: 'HTTP 429' }]);
    expect(avatar.value()).toBe('voiceOnly.stopping');
    expect(avatar.stops.all).toHaveLength(1);
  });

  test('its provider refuses with a status: the reason has it', async () => {
    const avatar = simulatedAvatar();
    await avatar.starts.refused(
      Object.assign(new Error('Server returned an error'), { statusCode: 401 }),
    );
    expect(avatar.reports).toMatchObject([{ reason: 'Server returned an error (HTTP 401)' }]);
  });

  test.each([
    ['its provider never answers', startTimeoutMs, false, 'it never started'],
    ['it never joins', joinTimeoutMs, true, 'it never joined'],
  ])('%s: the wait has a limit', async (_, limitMs, started, reason) => {
    const avatar = simulatedAvatar();
    if (started) await avatar.starts.done();
    await avatar.clock.advanceSettling(limitMs - 1);
    expect(avatar.told()).toEqual([]);
    await avatar.clock.advanceSettling(1);
    expect(ofType(avatar.reports, 'avatar.failed')).toMatchObject([{ reason }]);
    expect(avatar.stops.all).toHaveLength(1);
  });

  test('is tried again with growing pauses, and to a limit', async () => {
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

  test('is tried again where its provider does not stop either', async () => {
    const avatar = simulatedAvatar();
    await avatar.starts.failed('HTTP 500');
    await avatar.clock.advanceSettling(stopTimeoutMs);
    expect(avatar.value()).toBe('voiceOnly.backingOff');
  });
});

describe('an avatar that goes away', () => {
  test('is stopped, and comes again; the agent speaks for itself meanwhile', async () => {
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

  test('without leaving the room: told until when it was heard', async () => {
    const avatar = await liveAvatar();
    avatar.fallsSilent(123);
    expect(avatar.reports.at(-1)).toMatchObject({ type: 'avatar.lost', heardUntil: 123 });
    expect(avatar.value()).toBe('voiceOnly.stopping');
  });

  test('again and again is given up, unless it was there for a while', async () => {
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

describe('an avatar that is alone', () => {
  test.each(['leaves', 'falls silent'])('and %s does not come back for nobody', async (how) => {
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
  });
});

describe('a user who leaves', () => {
  test('and returns within the grace period finds the same avatar', async () => {
    const avatar = await liveAvatar();
    avatar.userLeaves();
    await avatar.clock.advanceSettling(graceMs - 1);
    avatar.userReturns();
    expect(avatar.value()).toBe('shown.live');
    await avatar.clock.advanceSettling(graceMs);
    expect(avatar.stops.all).toHaveLength(0);
  });

  test('for longer: it is stopped, and comes again when the user returns', async () => {
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

  test('and returns while it is being stopped: the old one ends first', async () => {
    const avatar = await liveAvatar();
    avatar.userLeaves();
    await avatar.clock.advanceSettling(graceMs);
    avatar.userReturns();
    expect(avatar.starts.all).toHaveLength(1);
    await avatar.stops.done();
    expect(avatar.starts.all).toHaveLength(2);
  });

  test.each(['coming', 'voiceOnly'])('while it is %s: nobody pays for it', async (state) => {
    const avatar = simulatedAvatar();
    if (state === 'voiceOnly') await avatar.starts.failed('HTTP 500');
    avatar.userLeaves();
    expect(avatar.value()).toBe('away.stopping');
    expect(avatar.stops.all.length).toBeGreaterThan(0);
  });
});

describe('another avatar is wanted', () => {
  test('while one is shown: it says its segment, ends, and the next one comes at once', async () => {
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

  test('while one speaks for ever: it is ended all the same', async () => {
    const avatar = await liveAvatar();
    avatar.personaIsSet(true);
    await avatar.clock.advanceSettling(finishTimeoutMs);
    expect(avatar.stops.all).toHaveLength(1);
  });

  test.each([
    ['leaves', 'it left', null],
    ['falls silent', 'it is silent', 123],
  ])('while one speaks that %s: the agent goes on at once', async (_, reason, heardUntil) => {
    const avatar = await liveAvatar();
    avatar.personaIsSet(true);
    if (heardUntil === null) avatar.goes();
    else avatar.fallsSilent(heardUntil);
    expect(avatar.reports.at(-1)).toEqual({ type: 'avatar.lost', reason, heardUntil });
    expect(avatar.value()).toBe('voiceOnly.stopping');
  });

  test('after all attempts at one failed: they begin anew', async () => {
    const avatar = simulatedAvatar({ maxAttempts: 1 });
    await avatar.starts.failed('HTTP 500');
    await avatar.stops.done();
    expect(avatar.value()).toBe('voiceOnly.givenUp');
    avatar.personaIsSet(true);
    await avatar.speechEnds.done();
    await avatar.stops.done();
    expect(avatar.value()).toBe('coming.starting');
  });

  test('while the user is gone: it comes when the user is back', async () => {
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

describe('no avatar is wanted', () => {
  /** It was there, and the application wants none any more. */
  const dismissedAvatar = async () => {
    const avatar = await liveAvatar();
    avatar.personaIsSet(false);
    await avatar.speechEnds.done();
    await avatar.stops.done();
    return avatar;
  };

  test('any more: it ends, and the agent stays a voice', async () => {
    const avatar = await dismissedAvatar();
    expect(avatar.value()).toBe('absent');
    expect(avatar.told()).toEqual(['shown', 'dismissed']);
    expect(avatar.clock.pending).toBe(0);
  });

  test('and the user leaves while it is stopped, or later: nothing comes for the next one', async () => {
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

  test('from the start on: the agent does not wait for one', async () => {
    const avatar = simulatedAvatar({ isWanted: false });
    expect(avatar.told()).toEqual(['dismissed']);
    expect(avatar.starts.all).toHaveLength(0);
    await avatar.speechEnds.done();
    await avatar.stops.done();
    expect(avatar.value()).toBe('absent');
  });

  test('and then one is: it comes', async () => {
    const avatar = await dismissedAvatar();
    avatar.personaIsSet(true);
    await avatar.speechEnds.done();
    await avatar.stops.done();
    expect(avatar.value()).toBe('coming.starting');
  });
});

test('an avatar whose process ends before it is in the room is tried again at once', async () => {
  const avatar = simulatedAvatar();
  await avatar.starts.done();
  avatar.fallsSilent(5);
  expect(avatar.told()).toEqual(['failed']);
  expect(avatar.value()).toBe('voiceOnly.stopping');
});
