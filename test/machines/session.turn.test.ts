import { describe, expect, test } from 'vitest';
import {
  newestFrame,
  SOURCE_ID,
  sessionInput,
  sourceSettings,
} from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { readySession } from '../support/machines/simulated-session.ts';

const outcomes = (session: Awaited<ReturnType<typeof readySession>>) =>
  ofType(session.reports, 'turn.ready').map(({ requestId, outcome }) => `${requestId} ${outcome}`);

describe('a request of a pipeline model', () => {
  test('a request gets an actor, which attaches the frame, clears it and ends', async () => {
    const session = await readySession();
    session.request(1);
    expect(session.context().turns).toEqual([1]);
    expect(session.children()).toContain('turn-1');
    await session.jobs.encode.done(newestFrame);
    expect(outcomes(session)).toEqual(['1 attached']);
    expect(session.context().turns).toEqual([1]);
    session.agent({ type: 'turn.committed', requestId: 1 });
    expect(session.news()).toEqual(['turn.ready', 'turn.cleared']);
    expect(session.context().turns).toEqual([]);
    expect(session.children()).not.toContain('turn-1');
  });

  test('a request that is discarded for a later one returns its frame', async () => {
    const session = await readySession();
    session.request(1);
    await session.jobs.encode.done(newestFrame);
    session.request(2);
    await session.jobs.encode.done(newestFrame);
    session.news();
    session.agent({ type: 'turn.committed', requestId: 2 });
    expect(session.news().sort()).toEqual(['turn.cleared', 'turn.discarded']);
    expect(session.context().turns).toEqual([]);
  });

  test('a request without a frame is answered at once, and its actor ends', async () => {
    const session = await readySession();
    session.request(1, null);
    expect(outcomes(session)).toEqual(['1 nothing-to-attach']);
    expect(session.context().turns).toEqual([]);
    expect(session.children()).not.toContain('turn-1');
  });

  test('a request waits for the first frame of a new stream', async () => {
    const session = await readySession();
    session.request(1, null, true);
    await session.jobs.firstFrame.done(newestFrame);
    await session.jobs.encode.done(newestFrame);
    expect(outcomes(session)).toEqual(['1 attached']);
  });

  test('a request whose picture is not ready within the budget is answered without it', async () => {
    const session = await readySession();
    session.request(1);
    await session.clock.advanceSettling(sessionInput.turn.attachBudgetMs);
    expect(outcomes(session)).toEqual(['1 over-budget']);
    expect(session.context().turns).toEqual([]);
    expect([...session.leaves].sort()).toEqual(['agent', 'room']);
  });

  test('a request whose frame cannot be encoded is answered without it, and the next one works', async () => {
    const session = await readySession();
    session.request(1);
    await session.jobs.encode.failed('a broken frame');
    session.request(2);
    await session.jobs.encode.done(newestFrame);
    expect(outcomes(session)).toEqual(['1 encode-failed', '2 attached']);
  });

  test('a request that is never committed ends after the limit', async () => {
    const session = await readySession();
    session.request(1);
    await session.jobs.encode.done(newestFrame);
    session.news();
    await session.clock.advanceSettling(sessionInput.turn.commitTimeoutMs);
    expect(session.news()).toEqual(['turn.discarded']);
    expect(session.context().turns).toEqual([]);
  });
});

describe('a realtime model', () => {
  test('a request of a realtime model gets no picture, since the model already has the frames', async () => {
    const session = await readySession({}, 'realtime');
    session.request(1);
    expect(session.context().turns).toEqual([]);
    expect(session.news()).toEqual([]);
  });

  test("a realtime model gets samples at the user's rate", async () => {
    const session = await readySession({}, 'realtime');
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done({ frameId: 7 });
    await session.jobs.push.done({ result: 'sent' });
    session.agent({ type: 'user.speaking' });
    session.sampler({ type: 'sample.due', byRate: true });
    session.sampler({ type: 'sample.due', byRate: true });
    session.sampler({ type: 'sampler.failed', error: 'it threw' });
    expect(session.news()).toEqual(['sample.sent', 'sample.skipped', 'sampler.failed']);
  });
});

describe('a pipeline model', () => {
  test('a pipeline model gets no samples between turns', async () => {
    const session = await readySession();
    session.agent({ type: 'user.speaking' });
    expect([...session.leaves].sort()).toEqual(['agent', 'room']);
  });

  test('looks are answered in a session of a pipeline model', async () => {
    const session = await readySession();
    session.look(1);
    await session.jobs.look.done({ ...newestFrame, id: 70 });
    expect(session.reports).toEqual([
      { type: 'look.answered', sourceId: SOURCE_ID, lookIds: [1], frameId: 70 },
    ]);
  });
});

test('the pictures of a turn in progress are reported, and released when the turn is committed', async () => {
  const session = await readySession({
    source: { ...sessionInput.source, motion: sourceSettings.motion },
  });
  session.agent({ type: 'user.speaking' });
  await session.jobs.motion.done(7);
  expect(session.reports.at(-1)).toEqual({
    type: 'motion.kept',
    sourceId: SOURCE_ID,
    frameIds: [7],
  });
  session.request(1);
  session.agent({ type: 'turn.committed', requestId: 1 });
  expect(ofType(session.reports, 'motion.kept').at(-1)?.frameIds).toEqual([]);
});
