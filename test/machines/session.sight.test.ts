import { describe, expect, test } from 'vitest';
import {
  idlePauseInput,
  newestFrame,
  replacementInput,
  samplingInput,
  sessionInput,
  sightInput,
} from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { camera, screenA } from '../support/machines/simulated-room.ts';
import { readySession, type SimulatedSession } from '../support/machines/simulated-session.ts';

const eyes = (session: SimulatedSession) => session.eyes()?.getSnapshot().value;
const off = {
  eyes: [{ ...sightInput, mode: 'off' as const }],
  sampling: { ...sessionInput.sampling, mode: 'off' as const },
};

/** A session that sees the camera. */
async function seeing(model: 'pipeline' | 'realtime' = 'realtime') {
  const session = await readySession({}, model);
  session.room({ type: 'track.published', track: camera });
  session.stream('stream.opened', 'stream.frame');
  // The sample that each new stream gets.
  await session.jobs.capture.done(null);
  await session.jobs.freshFrame.failed('it was gone at once');
  session.reports.splice(0);
  return session;
}

/** A session that took a sample at the slow rate. */
async function resting() {
  const session = await seeing();
  await sampled(session);
  expect(session.streams.get(1)?.told).toEqual(['stream.pause']);
  session.news();
  return session;
}

async function sampled(session: SimulatedSession) {
  session.sampler({ type: 'sample.due', byRate: true });
  await session.jobs.capture.done({ frameId: 7 });
  await session.jobs.push.done({ result: 'sent' });
}

describe('what the eyes see', () => {
  test('is known to the session, and announced', async () => {
    const session = await readySession();
    session.room({ type: 'track.published', track: camera });
    expect(session.seen()).toMatchObject({ pick: { sid: 'camera' }, sight: 'opening' });
    session.stream('stream.opened', 'stream.frame');
    expect(session.seen()?.sight).toBe('live');
    session.clock.advance(replacementInput.stallAfterMs);
    expect(session.seen()?.sight).toBe('stalled');
    expect(session.news()).toEqual([
      'pick.changed',
      'streamStatus.changed',
      'streamStatus.changed',
      'streamStatus.changed',
    ]);
  });

  test('follows a pinned source', async () => {
    const session = await readySession();
    session.room({ type: 'track.published', track: screenA });
    session.room({ type: 'track.published', track: camera });
    session.stream('stream.opened');
    session.actor.send({ type: 'source.pinned', selector: 'screen' });
    session.stream('stream.closed');
    expect(session.watched()).toEqual(['2 screenA']);
  });
});

describe('video that goes off', () => {
  test('closes the eyes, and remembers the pick for later', async () => {
    const session = await seeing();
    session.mode('off');
    expect(session.streams.get(1)?.told).toEqual(['stream.close']);
    session.stream('stream.closed');
    expect(eyes(session)).toBe('closed');
    expect(session.context().mode).toBe('off');
    expect(session.seen()).toMatchObject({ sight: 'none', pick: { sid: 'camera' } });
    session.mode('sampled');
    expect(session.context().mode).toBe('sampled');
    expect(session.watched()).toEqual(['2 camera']);
  });

  test('from the start opens nothing until it comes on', async () => {
    const session = await readySession(off);
    session.room({ type: 'track.published', track: camera });
    expect(eyes(session)).toBe('closed');
    expect(session.watched()).toEqual([]);
    session.mode('sampled');
    expect(session.watched()).toEqual(['1 camera']);
  });

  test('lets nothing out that was captured before', async () => {
    const session = await seeing();
    session.sampler({ type: 'sample.due', byRate: true });
    session.mode('off');
    await session.jobs.capture.done({ frameId: 7 });
    expect(session.jobs.push.all).toHaveLength(0);
    expect(ofType(session.reports, 'sample.sent')).toEqual([]);
    expect(ofType(session.reports, 'sample.skipped')).toMatchObject([{ reason: 'off' }]);
  });

  test('takes no sample for a typed turn', async () => {
    const session = await readySession(off, 'realtime');
    session.actor.send({ type: 'user.typed' });
    expect(session.jobs.capture.all).toHaveLength(0);
  });

  test('fails the looks that wait, and refuses others', async () => {
    const session = await seeing('pipeline');
    session.look(1);
    session.mode('off');
    session.look(2);
    expect(ofType(session.reports, 'look.failed')).toEqual([
      { type: 'look.failed', view: 0, lookIds: [1], reason: 'off' },
      { type: 'look.failed', view: 0, lookIds: [2], reason: 'off' },
    ]);
  });
});

describe('between two far samples', () => {
  test('the eyes rest for the time of the rate, and wake before the next one', async () => {
    const session = await resting();
    expect(eyes(session)).toBe('resting');
    expect(session.seen()?.sight).toBe('paused');
    const wake = (samplingInput.intervals.silentMs ?? 0) - idlePauseInput.leadMs.longest;
    session.clock.advance(wake - 1);
    expect(session.streams.get(1)?.told).toEqual(['stream.pause']);
    session.clock.advance(1);
    expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
  });

  test.each([
    ['the user speaks', (session) => session.agent({ type: 'user.speaking' })],
    ['somebody looks', (session) => session.look(1)],
    ['the mode is another one', (session) => session.mode('onDemand')],
  ] as [string, (session: SimulatedSession) => void][])('they wake when %s', async (_, wake) => {
    const session = await resting();
    wake(session);
    expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
  });

  test('they wake for a typed turn, which goes with a fresh frame', async () => {
    const session = await resting();
    const captures = session.jobs.capture.all.length;
    session.actor.send({ type: 'user.typed' });
    expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
    expect(session.jobs.capture.all).toHaveLength(captures);
    await session.jobs.freshFrame.done({ ...newestFrame, id: 9 });
    expect(session.jobs.capture.all).toHaveLength(captures + 1);
  });

  test('they wake when somebody wants every frame', async () => {
    const session = await resting();
    session.actor.send({ type: 'flow.held', view: 0 });
    expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
  });

  test('they do not rest while the user speaks', async () => {
    const session = await resting();
    session.agent({ type: 'user.speaking' });
    session.stream('stream.frame');
    await sampled(session);
    expect(eyes(session)).toBe('seeing');
    session.agent({ type: 'user.silent' });
    await sampled(session);
    expect(eyes(session)).toBe('resting');
  });

  test('they wake for each time that the user starts to speak, also where both rates are slow', async () => {
    const intervals = { speakingMs: 10_000, silentMs: 10_000 };
    const session = await readySession(
      { sampling: { ...sessionInput.sampling, intervals } },
      'realtime',
    );
    session.agent({ type: 'user.speaking' });
    session.room({ type: 'track.published', track: camera });
    session.stream('stream.opened', 'stream.frame');
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done({ frameId: 7 });
    await session.jobs.push.done({ result: 'sent' });
    expect(eyes(session)).toBe('resting');
    session.agent({ type: 'user.speaking' });
    expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
  });

  test('a sample that the model refused counts as taken', async () => {
    const session = await seeing();
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done({ frameId: 7 });
    await session.jobs.push.done({ result: 'tool-pending' });
    expect(eyes(session)).toBe('resting');
  });

  test('a sample without a frame does not: the next frame is awaited', async () => {
    const session = await seeing();
    session.sampler({ type: 'sample.due', byRate: true });
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done(null);
    expect(ofType(session.reports, 'sample.skipped').map(({ reason }) => reason)).toEqual([
      'busy',
      'no-frame',
    ]);
    expect(eyes(session)).toBe('seeing');
  });

  test('that pauses were given up is announced', async () => {
    const session = await resting();
    session.agent({ type: 'user.speaking' });
    session.clock.advance(idlePauseInput.wakeTimeoutMs);
    expect(session.news()).toContain('video.pauseGivenUp');
  });

  test('a pipeline model has no samples, so its eyes never rest', async () => {
    const session = await seeing('pipeline');
    session.look(1);
    await session.jobs.look.done(newestFrame);
    expect(session.streams.get(1)?.told).toEqual([]);
  });
});
