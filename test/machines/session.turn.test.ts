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
  test('gets an actor, which attaches the frame, clears it, and is forgotten', async () => {
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

  test('that is thrown away for a later one gives its frame back', async () => {
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

  test('without a frame is answered and forgotten at once', async () => {
    const session = await readySession();
    session.request(1, null);
    expect(outcomes(session)).toEqual(['1 nothing-to-attach']);
    expect(session.context().turns).toEqual([]);
    expect(session.children()).not.toContain('turn-1');
  });

  test('waits for the first frame of a new stream', async () => {
    const session = await readySession();
    session.request(1, null, true);
    await session.jobs.firstFrame.done(newestFrame);
    await session.jobs.encode.done(newestFrame);
    expect(outcomes(session)).toEqual(['1 attached']);
  });

  test('whose picture is not ready within the budget is answered without, and forgotten', async () => {
    const session = await readySession();
    session.request(1);
    await session.clock.advanceSettling(sessionInput.turn.attachBudgetMs);
    expect(outcomes(session)).toEqual(['1 over-budget']);
    expect(session.context().turns).toEqual([]);
    expect([...session.leaves].sort()).toEqual(['agent', 'room']);
  });

  test('whose frame cannot be encoded is answered without, and the next one goes on', async () => {
    const session = await readySession();
    session.request(1);
    await session.jobs.encode.failed('a broken frame');
    session.request(2);
    await session.jobs.encode.done(newestFrame);
    expect(outcomes(session)).toEqual(['1 encode-failed', '2 attached']);
  });

  test('that is never committed is forgotten after the limit', async () => {
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
  test('has seen already: a request gets no picture', async () => {
    const session = await readySession({}, 'realtime');
    session.request(1);
    expect(session.context().turns).toEqual([]);
    expect(session.news()).toEqual([]);
  });

  test('gets the samples, at the rate of the user', async () => {
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
  test('gets no samples between the turns', async () => {
    const session = await readySession();
    session.agent({ type: 'user.speaking' });
    expect([...session.leaves].sort()).toEqual(['agent', 'room']);
  });

  test('has its looks answered', async () => {
    const session = await readySession();
    session.look(1);
    await session.jobs.look.done({ ...newestFrame, id: 70 });
    expect(session.reports).toEqual([
      { type: 'look.answered', sourceId: SOURCE_ID, lookIds: [1], frameId: 70 },
    ]);
  });
});

test('how a turn goes is announced, and let go of when the turn is part of the conversation', async () => {
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
