import { describe, expect, test } from 'vitest';
import { linkInput, newestFrame, sessionInput } from '../support/machines/inputs.ts';
import { Outside } from '../support/machines/outside.ts';
import { ofType } from '../support/machines/recorded.ts';
import { camera, screenA } from '../support/machines/simulated-room.ts';
import {
  readySession,
  type SimulatedSession,
  simulatedSession,
} from '../support/machines/simulated-session.ts';

const captures = (session: SimulatedSession) => session.jobs.capture.all.length;

/** The pending sample reaches the model. */
async function shown(session: SimulatedSession, frameId: number) {
  await session.jobs.capture.done({ frameId });
  await session.jobs.push.done({ result: 'sent' });
  expect(ofType(session.reports, 'sample.sent').at(-1)).toMatchObject({ frameId });
}

describe('a connection of a realtime model', () => {
  test('a new connection gets the newest frame first', async () => {
    const session = await readySession({}, 'realtime');
    expect(captures(session)).toBe(0);
    session.connection('model.connected');
    expect(session.news()).toContain('model.sighted');
    expect(captures(session)).toBe(1);
    await shown(session, 7);
  });

  test('a connection that replaces another one gets the newest frame', async () => {
    const session = await readySession({}, 'realtime');
    session.connection('model.connected');
    await shown(session, 7);
    session.connection('model.connected');
    expect(captures(session)).toBe(2);
    await shown(session, 7);
  });

  test('a restored connection gets the newest frame', async () => {
    const session = await readySession({}, 'realtime');
    session.connection('model.connected');
    await shown(session, 7);
    session.connection('model.closedSilently');
    expect([...session.leaves]).toContain('revive 1');
    await session.jobs.revive.done();
    session.connection('model.connected');
    await shown(session, 8);
  });

  test('a connection gets no frame while video is off', async () => {
    const session = await readySession({}, 'realtime');
    session.mode('off');
    session.connection('model.connected');
    expect(captures(session)).toBe(0);
  });

  test('the time limit of a connection begins with the agent, not with the room', async () => {
    const session = simulatedSession({
      startup: { ...sessionInput.startup, connectTimeoutMs: 10 * linkInput.blindAfterMs },
    });
    session.start('realtime');
    await session.clock.advanceSettling(5 * linkInput.blindAfterMs);
    expect([...session.leaves]).not.toContain('connection');
    await session.jobs.connect.done();
    expect([...session.leaves]).toContain('connection');
    await session.clock.advanceSettling(linkInput.blindAfterMs - 1);
    expect(ofType(session.reports, 'model.blind')).toEqual([]);
    await session.clock.advanceSettling(1);
    expect(ofType(session.reports, 'model.blind')).toHaveLength(1);
    session.close();
  });

  test('a connection that stays away is reported', async () => {
    const session = await readySession({}, 'realtime');
    session.news();
    await session.clock.advanceSettling(linkInput.blindAfterMs);
    expect(ofType(session.reports, 'model.blind')).toHaveLength(1);
    session.connection('model.connected');
    session.connection('model.disconnected');
    expect(session.news()).toEqual(['model.blind', 'model.sighted', 'model.waiting']);
    expect(session.value()).toMatchObject({ open: { model: 'streaming' } });
  });
});

describe('a new stream', () => {
  test('a new stream sends its first frame at once, even if the next sample is far away', async () => {
    const session = await readySession({}, 'realtime');
    session.room({ type: 'track.published', track: camera });
    expect(captures(session)).toBe(1);
    await session.jobs.capture.done(null);
    session.stream('stream.opened', 'stream.frame');
    await session.jobs.freshFrame.done(newestFrame);
    expect(captures(session)).toBe(2);
    await shown(session, 7);
  });

  test('a stream that replaces another one sends its first frame at once', async () => {
    const session = await readySession({}, 'realtime');
    session.room({ type: 'track.published', track: camera });
    session.stream('stream.opened', 'stream.frame');
    await shown(session, 7);
    session.room({ type: 'track.published', track: screenA });
    expect(captures(session)).toBe(1);
    session.stream('stream.closed');
    expect(captures(session)).toBe(2);
  });

  test('a new stream sends no frame to a pipeline model, which has no link', async () => {
    const session = await readySession();
    session.room({ type: 'track.published', track: camera });
    session.stream('stream.opened', 'stream.frame');
    expect(captures(session)).toBe(0);
    expect([...session.leaves]).not.toContain('connection');
  });
});

describe('a part that fails', () => {
  const parts: [string, string][] = [
    ['agent', 'agent is broken'],
    ['room', 'room is broken'],
    ['connection', 'connection is broken'],
    ['sampler', 'sampler is broken'],
  ];
  test.each(parts)('the session closes and reports the cause: %s', async (part, error) => {
    const outside = new Outside();
    outside.broken.add(part);
    const session = simulatedSession({}, outside);
    session.start('realtime');
    await session.jobs.connect.done();
    expect(session.value()).toBe('closing');
    expect([...session.leaves]).toEqual(['release 1']);
    expect(ofType(session.reports, 'session.failed')).toEqual([{ type: 'session.failed', error }]);
    await session.jobs.release.done();
    expect(session.actor.getSnapshot()).toMatchObject({ status: 'done', value: 'closed' });
    expect(session.context().error).toBe(error);
    expect(session.clock.pending).toBe(0);
  });

  test('a ready session closes if a stream inside a source fails', async () => {
    const session = await readySession();
    session.outside.broken.add('stream');
    session.room({ type: 'track.published', track: camera });
    expect(session.value()).toBe('closing');
    expect(session.context().error).toBe('stream is broken');
    await session.jobs.release.done();
    expect([...session.leaves]).toEqual([]);
  });

  test('a session in which all parts fail keeps the first cause and ends', async () => {
    const outside = new Outside();
    for (const [part] of parts) outside.broken.add(part);
    const session = simulatedSession({}, outside);
    session.start('realtime');
    expect(session.value()).toBe('closing');
    expect(ofType(session.reports, 'session.failed')).toHaveLength(1);
    await session.jobs.release.done();
    expect(session.actor.getSnapshot().status).toBe('done');
    expect(session.context().error).toBe('room is broken');
  });
});
