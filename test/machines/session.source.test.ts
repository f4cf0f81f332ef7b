import { describe, expect, test } from 'vitest';
import {
  idlePauseInput,
  newestFrame,
  replacementInput,
  SOURCE_ID,
  samplingInput,
  sessionInput,
} from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { camera, screenA } from '../support/machines/simulated-room.ts';
import { readySession, type SimulatedSession } from '../support/machines/simulated-session.ts';

const sourceOf = (session: SimulatedSession) => session.source()?.getSnapshot().value;
const off = { mode: 'off' as const };

/** A session with a live camera. */
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
async function paused() {
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

describe('what a source shows', () => {
  test('a session knows and reports the track of its source', async () => {
    const session = await readySession();
    session.room({ type: 'track.published', track: camera });
    expect(session.seen()).toMatchObject({ pick: { sid: 'camera' }, streamStatus: 'opening' });
    session.stream('stream.opened', 'stream.frame');
    expect(session.seen()?.streamStatus).toBe('live');
    session.clock.advance(replacementInput.stallAfterMs);
    expect(session.seen()?.streamStatus).toBe('stalled');
    expect(session.news()).toEqual([
      'pick.changed',
      'streamStatus.changed',
      'streamStatus.changed',
      'streamStatus.changed',
    ]);
  });

  test('a session follows a pinned source', async () => {
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
  test('a stream closes when video goes off, and the pick is kept for later', async () => {
    const session = await seeing();
    session.mode('off');
    expect(session.streams.get(1)?.told).toEqual(['stream.close']);
    session.stream('stream.closed');
    expect(sourceOf(session)).toBe('closed');
    expect(session.context().mode).toBe('off');
    expect(session.seen()).toMatchObject({ streamStatus: 'none', pick: { sid: 'camera' } });
    session.mode('sampled');
    expect(session.context().mode).toBe('sampled');
    expect(session.watched()).toEqual(['2 camera']);
  });

  test('video that is off from the start opens no stream until it is switched on', async () => {
    const session = await readySession(off);
    session.room({ type: 'track.published', track: camera });
    expect(sourceOf(session)).toBe('closed');
    expect(session.watched()).toEqual([]);
    session.mode('sampled');
    expect(session.watched()).toEqual(['1 camera']);
  });

  test('a frame that was captured before video went off is not sent', async () => {
    const session = await seeing();
    session.sampler({ type: 'sample.due', byRate: true });
    session.mode('off');
    await session.jobs.capture.done({ frameId: 7 });
    expect(session.jobs.push.all).toHaveLength(0);
    expect(ofType(session.reports, 'sample.sent')).toEqual([]);
    expect(ofType(session.reports, 'sample.skipped')).toMatchObject([{ reason: 'off' }]);
  });

  test('a typed turn takes no sample while video is off', async () => {
    const session = await readySession(off, 'realtime');
    session.actor.send({ type: 'user.typed' });
    expect(session.jobs.capture.all).toHaveLength(0);
  });

  test('pending looks fail when video goes off, and new ones are refused', async () => {
    const session = await seeing('pipeline');
    session.look(1);
    session.mode('off');
    session.look(2);
    expect(ofType(session.reports, 'look.failed')).toEqual([
      { type: 'look.failed', sourceId: SOURCE_ID, lookIds: [1], reason: 'off' },
      { type: 'look.failed', sourceId: SOURCE_ID, lookIds: [2], reason: 'off' },
    ]);
  });
});

describe('a video between two distant samples', () => {
  test('a session pauses the video between samples, and resumes it before the next one', async () => {
    const session = await paused();
    expect(sourceOf(session)).toBe('paused');
    expect(session.seen()?.streamStatus).toBe('paused');
    const wake = (samplingInput.intervals.silentMs ?? 0) - idlePauseInput.leadMs.longest;
    session.clock.advance(wake - 1);
    expect(session.streams.get(1)?.told).toEqual(['stream.pause']);
    session.clock.advance(1);
    expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
  });

  test.each([
    ['the user speaks', (session) => session.agent({ type: 'user.speaking' })],
    ['the application looks', (session) => session.look(1)],
    ['the mode is another one', (session) => session.mode('onDemand')],
  ] as [string, (session: SimulatedSession) => void][])(
    'a paused session resumes the video when %s',
    async (_, wake) => {
      const session = await paused();
      wake(session);
      expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
    },
  );

  test('a paused session resumes the video for a typed turn, which gets a fresh frame', async () => {
    const session = await paused();
    const captures = session.jobs.capture.all.length;
    session.actor.send({ type: 'user.typed' });
    expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
    expect(session.jobs.capture.all).toHaveLength(captures);
    await session.jobs.freshFrame.done({ ...newestFrame, id: 9 });
    expect(session.jobs.capture.all).toHaveLength(captures + 1);
  });

  test('a paused session resumes the video when every frame is needed', async () => {
    const session = await paused();
    session.actor.send({ type: 'flow.held', sourceId: SOURCE_ID });
    expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
  });

  test('a session does not pause the video while the user speaks', async () => {
    const session = await paused();
    session.agent({ type: 'user.speaking' });
    session.stream('stream.frame');
    await sampled(session);
    expect(sourceOf(session)).toBe('seeing');
    session.agent({ type: 'user.silent' });
    await sampled(session);
    expect(sourceOf(session)).toBe('paused');
  });

  test('a session resumes the video each time the user starts to speak, even if both rates are slow', async () => {
    const intervals = { speakingMs: 10_000, silentMs: 10_000 };
    const session = await readySession(
      { source: { ...sessionInput.source, sampling: { intervals } } },
      'realtime',
    );
    session.agent({ type: 'user.speaking' });
    session.room({ type: 'track.published', track: camera });
    session.stream('stream.opened', 'stream.frame');
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done({ frameId: 7 });
    await session.jobs.push.done({ result: 'sent' });
    expect(sourceOf(session)).toBe('paused');
    session.agent({ type: 'user.speaking' });
    expect(session.streams.get(1)?.told).toEqual(['stream.pause', 'stream.resume']);
  });

  test('a sample that the model refused counts as taken', async () => {
    const session = await seeing();
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done({ frameId: 7 });
    await session.jobs.push.done({ result: 'tool-pending' });
    expect(sourceOf(session)).toBe('paused');
  });

  test('a sample without a frame does not count as taken: the next frame is awaited', async () => {
    const session = await seeing();
    session.sampler({ type: 'sample.due', byRate: true });
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done(null);
    expect(ofType(session.reports, 'sample.skipped').map(({ reason }) => reason)).toEqual([
      'busy',
      'no-frame',
    ]);
    expect(sourceOf(session)).toBe('seeing');
  });

  test('a session reports that the pauses were given up', async () => {
    const session = await paused();
    session.agent({ type: 'user.speaking' });
    session.clock.advance(idlePauseInput.wakeTimeoutMs);
    expect(session.news()).toContain('video.pauseGivenUp');
  });

  test('a pipeline model has no samples, so its video is never paused', async () => {
    const session = await seeing('pipeline');
    session.look(1);
    await session.jobs.look.done(newestFrame);
    expect(session.streams.get(1)?.told).toEqual([]);
  });
});
