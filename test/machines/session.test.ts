import { describe, expect, test } from 'vitest';
import { settled } from '../../src/testing/simulated-clock.ts';
import {
  newestFrame,
  replacementInput,
  SOURCE_ID,
  sessionInput,
} from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { camera, screenA } from '../support/machines/simulated-room.ts';
import {
  readySession,
  type SimulatedSession,
  simulatedSession,
} from '../support/machines/simulated-session.ts';

const { closeTimeoutMs } = sessionInput;
const { connectTimeoutMs, startTimeoutMs } = sessionInput.startup;

/** The session is over: no actor, no timer, and no access to the outside. */
function expectNothingLeft(session: SimulatedSession) {
  expect(session.actor.getSnapshot()).toMatchObject({ value: 'closed', status: 'done' });
  expect(session.children()).toEqual([]);
  expect([...session.leaves]).toEqual([]);
  expect(session.clock.pending).toBe(0);
  expect(session.context()).toMatchObject({
    turns: [],
    sources: { [SOURCE_ID]: { pick: null, streamStatus: 'none' } },
  });
  expect(session.streams.size).toBe(0);
}

describe('the start', () => {
  test('a start connects the room, then starts the agent, then is ready', async () => {
    const session = simulatedSession();
    expect(session.leaves.size).toBe(0);
    session.start();
    expect(session.startup()).toBe('connecting');
    expect([...session.leaves]).toContain('connect 1');
    expect(session.jobs.start.all).toHaveLength(0);

    await session.jobs.connect.done();
    expect(session.startup()).toBe('starting');
    expect(session.news()).not.toContain('session.ready');

    await session.jobs.start.done();
    expect(session.startup()).toBe('ready');
    expect(session.news()).toEqual(['session.ready']);
    expect([...session.leaves].sort()).toEqual(['agent', 'room']);
  });

  test('a session listens to the room and the agent before it connects', () => {
    const session = simulatedSession();
    session.start();
    session.room({ type: 'participant.linked', identity: 'user' });
    session.room({ type: 'track.published', track: camera });
    expect(session.seen()?.pick?.sid).toBe('camera');
    expect(session.streams.size).toBe(1);
  });

  test('a session starts only once', async () => {
    const session = await readySession();
    session.start();
    expect(session.jobs.connect.all).toHaveLength(1);
  });

  const failures: [string, (s: SimulatedSession) => Promise<void>, string][] = [
    ['the room refuses', (s) => s.jobs.connect.failed('no room'), 'no room'],
    [
      'the room does not connect in time',
      (s) => s.clock.advanceSettling(connectTimeoutMs),
      `the room did not connect within ${connectTimeoutMs} ms`,
    ],
    [
      'the agent throws',
      async (s) => {
        await s.jobs.connect.done();
        await s.jobs.start.failed('no model');
      },
      'no model',
    ],
    [
      'the agent does not start in time',
      async (s) => {
        await s.jobs.connect.done();
        await s.clock.advanceSettling(startTimeoutMs);
      },
      `the agent session did not start within ${startTimeoutMs} ms`,
    ],
  ];
  test.each(failures)(
    'a start that fails keeps the cause and releases everything: %s',
    async (...given) => {
      const [, fail, error] = given;
      const session = simulatedSession();
      session.start();
      await fail(session);
      expect(session.value()).toBe('closing');
      expect([...session.leaves]).toEqual(['release 1']);
      expect(ofType(session.reports, 'session.failed')).toEqual([
        { type: 'session.failed', error },
      ]);
      await session.jobs.release.done();
      expectNothingLeft(session);
      expect(session.context().error).toBe(error);
      expect(session.news()).not.toContain('session.ready');
    },
  );

  test('a start may use the full time limits of the room and of the agent', async () => {
    const session = simulatedSession();
    session.start();
    await session.clock.advanceSettling(connectTimeoutMs - 1);
    await session.jobs.connect.done();
    await session.clock.advanceSettling(startTimeoutMs - 1);
    expect(session.startup()).toBe('starting');
    await session.jobs.start.done();
    await session.clock.advanceSettling(connectTimeoutMs + startTimeoutMs);
    expect(session.startup()).toBe('ready');
  });
});

/** How the tests bring a session into each state. */
const states: [string, () => Promise<SimulatedSession> | SimulatedSession][] = [
  ['connecting', () => started(async () => {})],
  ['starting', () => started((s) => s.jobs.connect.done())],
  ['ready, without a track', () => readySession()],
  ['opening a stream', () => seeing('none')],
  ['seeing', () => seeing('live')],
  ['stalled', () => seeing('stalled')],
  ['between two streams', () => switching()],
  ['paused between two samples', () => paused()],
  ['with video off', () => readySession(off)],
  ['preparing a picture', () => turning(false)],
  ['waiting for a commit', () => turning(true)],
  ['waiting for a look', () => looking()],
  ['sampling for a realtime model', () => sampling()],
  ['reviving the connection of a realtime model', () => reviving()],
];
const off = { mode: 'off' as const };

async function started(then: (s: SimulatedSession) => Promise<void>) {
  const session = simulatedSession();
  session.start();
  await then(session);
  return session;
}
async function seeing(status: 'none' | 'live' | 'stalled') {
  const session = await readySession();
  session.room({ type: 'track.published', track: camera });
  if (status !== 'none') session.stream('stream.opened', 'stream.frame');
  if (status === 'stalled') session.clock.advance(replacementInput.stallAfterMs);
  return session;
}
async function switching() {
  const session = await seeing('live');
  session.room({ type: 'track.published', track: screenA });
  return session;
}
async function turning(attached: boolean) {
  const session = await seeing('live');
  session.request(1);
  session.request(2);
  if (attached) for (const job of session.jobs.encode.all) job.resolve(newestFrame);
  await settled();
  return session;
}
async function looking() {
  const session = await seeing('live');
  session.look(1);
  return session;
}
async function sampling() {
  const session = await readySession({}, 'realtime');
  session.sampler({ type: 'sample.due', byRate: true });
  return session;
}
async function paused() {
  const session = await sampling();
  session.room({ type: 'track.published', track: camera });
  session.stream('stream.opened', 'stream.frame');
  await session.jobs.capture.done({ frameId: 7 });
  await session.jobs.push.done({ result: 'sent' });
  expect(session.seen()?.streamStatus).toBe('paused');
  return session;
}
async function reviving() {
  const session = await readySession({}, 'realtime');
  session.connection('model.closedSilently');
  expect(session.leaves).toContain('revive 1');
  return session;
}

describe.each(states)('close() while %s', (_, reach) => {
  test('close() stops every child at once and ends after the cleanup', async () => {
    const session = await reach();
    expect(session.leaves.size).toBeGreaterThan(1);
    session.close();
    expect(session.value()).toBe('closing');
    expect([...session.leaves]).toEqual(['release 1']);
    await session.jobs.release.done();
    expectNothingLeft(session);
    expect(session.context().error).toBeNull();
  });
});

describe('the end', () => {
  test('close() ends at once if nothing was started', () => {
    const session = simulatedSession();
    session.close();
    expectNothingLeft(session);
    expect(session.jobs.release.all).toHaveLength(0);
  });

  test('a session ends when the agent session ends by itself', async () => {
    const session = await readySession();
    session.agent({ type: 'agent.closed' });
    expect(session.value()).toBe('closing');
    await session.jobs.release.done();
    expectNothingLeft(session);
  });

  test('a session ends and keeps the cause if its cleanup fails', async () => {
    const session = await readySession();
    session.close();
    await session.jobs.release.failed('the room hangs');
    expectNothingLeft(session);
    expect(session.context().error).toBe('the room hangs');
  });

  test('a session ends if its cleanup never ends', async () => {
    const session = await readySession();
    session.close();
    await session.clock.advanceSettling(closeTimeoutMs - 1);
    expect(session.value()).toBe('closing');
    await session.clock.advanceSettling(1);
    expectNothingLeft(session);
  });

  test('a second close() does not clean up again', async () => {
    const session = await readySession();
    session.close();
    session.close();
    expect(session.jobs.release.all).toHaveLength(1);
  });
});

describe('a hand-off', () => {
  test('a hand-off is reported and disturbs nothing', async () => {
    const session = await seeing('live');
    session.news();
    session.agent({ type: 'agent.handedOff', agentId: 'billing' });
    expect(session.news()).toEqual(['agent.handedOff']);
    expect(session.seen()?.streamStatus).toBe('live');
    expect(session.streams.size).toBe(1);
  });
});
