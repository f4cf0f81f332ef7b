import { describe, expect, test } from 'vitest';
import { avatarInput } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { simulatedSession } from '../support/machines/simulated-session.ts';

/** A session with an avatar whose room is joined. */
async function avatarSession() {
  const session = simulatedSession({ avatar: avatarInput });
  session.start();
  await session.jobs.connect.done();
  return session;
}

describe('a session with an avatar', () => {
  test('a session starts its agent after the avatar is there', async () => {
    const session = await avatarSession();
    expect(session.startup()).toBe('awaitingAvatar');
    expect(session.jobs.start.all).toHaveLength(0);
    await session.jobs.startAvatar.done();
    expect(session.jobs.start.all).toHaveLength(0);
    session.presence({ type: 'avatar.joined' });
    expect(session.startup()).toBe('starting');
    expect(session.jobs.start.all).toHaveLength(1);
    await session.jobs.start.done();
    expect(session.startup()).toBe('ready');
    expect(session.avatar()).toMatchObject({ presence: { shown: 'live' }, agent: 'running' });
  });

  test('a session starts its agent even if the avatar fails', async () => {
    const session = await avatarSession();
    await session.jobs.startAvatar.failed('HTTP 500');
    expect(session.startup()).toBe('starting');
    expect(ofType(session.reports, 'avatar.failed')).toHaveLength(1);
  });

  test('a session starts an avatar only after the room is joined, and only if the option is set', async () => {
    const session = simulatedSession({ avatar: avatarInput });
    session.start();
    expect(session.jobs.startAvatar.all).toHaveLength(0);
    const other = simulatedSession();
    other.start();
    await other.jobs.connect.done();
    await other.jobs.start.done();
    expect(other.jobs.startAvatar.all).toHaveLength(0);
  });

  test('a session goes on when the avatar leaves, and reports it', async () => {
    const session = await avatarSession();
    await session.jobs.startAvatar.done();
    session.presence({ type: 'avatar.joined' });
    await session.jobs.start.done();
    session.presence({ type: 'avatar.left' });
    expect(session.startup()).toBe('ready');
    expect(ofType(session.reports, 'avatar.lost')).toMatchObject([{ reason: 'it left' }]);
  });

  test('a session ends with no actor and no timer in each state of the avatar', async () => {
    const session = await avatarSession();
    session.close();
    await session.jobs.release.done();
    expect(session.value()).toBe('closed');
    expect(session.clock.pending).toBe(0);
    expect([...session.leaves]).toEqual([]);
  });
});
