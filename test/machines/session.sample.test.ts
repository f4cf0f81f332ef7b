import { describe, expect, test } from 'vitest';
import { SOURCE_ID } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { camera } from '../support/machines/simulated-room.ts';
import { readySession, type SimulatedSession } from '../support/machines/simulated-session.ts';

const captures = (session: SimulatedSession) => session.jobs.capture.all.length;

/** A session of a realtime model with a live camera, whose first frames were sent. */
async function watching(): Promise<SimulatedSession> {
  const session = await readySession({}, 'realtime');
  session.connection('model.connected');
  session.room({ type: 'participant.linked', identity: 'user' });
  session.room({ type: 'track.published', track: camera });
  session.stream('stream.opened', 'stream.frame');
  await session.jobs.capture.done({ frameId: 1 });
  await session.jobs.push.done({ result: 'sent' });
  session.news();
  return session;
}

describe('a realtime model', () => {
  test('a realtime model gets the newest frame if the captured one is overtaken', async () => {
    const session = await watching();
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done({ frameId: 2 });
    const before = captures(session);
    await session.jobs.push.done({ result: 'overtaken' });
    expect(captures(session)).toBe(before + 1);
    await session.jobs.capture.done({ frameId: 3 });
    await session.jobs.push.done({ result: 'sent' });
    expect(session.reports).toEqual([
      { type: 'sample.skipped', sourceId: SOURCE_ID, frameId: 2, reason: 'overtaken' },
      { type: 'sample.sent', sourceId: SOURCE_ID, frameId: 3 },
      expect.objectContaining({ type: 'streamStatus.changed', streamStatus: 'paused' }),
    ]);
  });

  test('a realtime model gets the newest frame with a typed turn while frames arrive', async () => {
    const session = await watching();
    session.agent({ type: 'user.speaking' });
    session.stream('stream.frame');
    expect(session.seen()?.streamStatus).toBe('live');
    const before = captures(session);
    session.agent({ type: 'user.typed' });
    expect(captures(session)).toBe(before + 1);
  });

  test('a realtime model gets the next frame with a typed turn while the video is paused', async () => {
    const session = await watching();
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done({ frameId: 2 });
    await session.jobs.push.done({ result: 'sent' });
    expect(session.seen()?.streamStatus).toBe('paused');
    const before = captures(session);
    session.agent({ type: 'user.typed' });
    expect(captures(session)).toBe(before);
    expect(session.seen()?.streamStatus).not.toBe('live');
  });

  test('a frame that is not sent is reported with its reason', async () => {
    const session = await watching();
    session.sampler({ type: 'sample.due', byRate: true });
    await session.jobs.capture.done({ frameId: 2 });
    await session.jobs.push.done({ result: 'restarting' });
    expect(ofType(session.reports, 'sample.skipped')).toEqual([
      { type: 'sample.skipped', sourceId: SOURCE_ID, frameId: 2, reason: 'restarting' },
    ]);
  });
});
