import { describe, expect, test } from 'vitest';
import { sessionInput } from './inputs.ts';
import { camera, screenA, track } from './simulated-room.ts';
import { readySession, type SimulatedSession } from './simulated-session.ts';

const publish = (session: SimulatedSession, published = camera) =>
  session.room({ type: 'track.published', track: published });
const sight = (session: SimulatedSession) =>
  (session.actor.getSnapshot().value as { open: { sight: string } }).open.sight;
const watched = (session: SimulatedSession) =>
  [...session.streams].map(([streamId, { pick }]) => `${streamId} ${pick.sid}`);
const off = { sampling: { ...sessionInput.sampling, mode: 'off' as const } };

describe('a stream', () => {
  test('has one actor from its opening to its close', async () => {
    const session = await readySession();
    expect(watched(session)).toEqual([]);
    publish(session);
    expect(watched(session)).toEqual(['1 camera']);
    expect(sight(session)).toBe('blind');
    session.stream('stream.opened', 'stream.frame');
    expect(sight(session)).toBe('seeing');
    session.stream('stream.frame', 'stream.frame');
    expect(session.context()).toMatchObject({ sight: 'live', streams: [1] });

    session.room({ type: 'track.unpublished', sid: 'camera' });
    expect(session.streams.get(1)?.told).toEqual(['stream.close']);
    session.stream('stream.closed');
    expect(watched(session)).toEqual([]);
    expect(sight(session)).toBe('blind');
    expect(session.context()).toMatchObject({ sight: 'none', streams: [], pick: null });
  });

  test('is closed before the one that replaces it is opened', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.opened', 'stream.frame');
    publish(session, screenA);
    expect(watched(session)).toEqual(['1 camera']);
    expect(session.streams.get(1)?.told).toEqual(['stream.close']);
    session.stream('stream.closed');
    expect(watched(session)).toEqual(['2 screenA']);
    expect(session.context().pick?.sid).toBe('screenA');
  });

  test('that cannot be opened loses its actor, and is tried again with a new one', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.openFailed');
    expect(watched(session)).toEqual([]);
    expect(session.context().streams).toEqual([]);
    session.clock.advance(sessionInput.replacement.retryBaseMs);
    expect(watched(session)).toEqual(['2 camera']);
  });

  test('that cannot be opened while it is replaced does not hold up the next one', async () => {
    const session = await readySession();
    publish(session);
    publish(session, screenA);
    session.stream('stream.openFailed');
    expect(watched(session)).toEqual(['2 screenA']);
  });

  test('that ends by itself is closed, and opened again', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.opened', 'stream.frame', 'stream.ended');
    expect(session.streams.get(1)?.told).toEqual(['stream.close']);
    session.stream('stream.closed');
    session.clock.advance(sessionInput.replacement.retryBaseMs);
    expect(watched(session)).toEqual(['2 camera']);
  });

  test('without frames is told as stalled, and as seen again', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.opened', 'stream.frame');
    session.clock.advance(sessionInput.replacement.stallAfterMs);
    expect(sight(session)).toBe('stalled');
    session.stream('stream.frame');
    expect(sight(session)).toBe('seeing');
  });

  test('that never closes does not keep the next one from opening', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.opened', 'stream.frame');
    publish(session, screenA);
    session.clock.advance(sessionInput.replacement.closeTimeoutMs);
    expect(watched(session)).toEqual(['1 camera', '2 screenA']);
    session.streams.get(1)?.report('stream.closed');
    expect(watched(session)).toEqual(['2 screenA']);
  });
});

describe('the room', () => {
  test('is told which subscription is wanted, and which one is given back', async () => {
    const session = await readySession();
    publish(session, { ...camera, subscribed: false });
    session.clock.advance(sessionInput.discovery.subscribeGraceMs);
    session.room({ type: 'track.subscribed', sid: 'camera' });
    publish(session, screenA);
    expect(session.toRoom).toEqual([
      { type: 'subscription.wanted', sid: 'camera' },
      { type: 'subscription.released', sid: 'camera' },
    ]);
  });

  test('may reconnect: the stream stays', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.opened', 'stream.frame');
    session.room({ type: 'room.reconnecting' });
    session.room({ type: 'track.unpublished', sid: 'camera' });
    session.room({ type: 'room.synced', tracks: [camera] });
    expect(watched(session)).toEqual(['1 camera']);
    expect(session.streams.get(1)?.told).toEqual([]);
  });

  test('may lose the user: the stream closes, and the agent stays', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.opened', 'stream.frame');
    session.room({ type: 'participant.left', identity: 'user' });
    session.stream('stream.closed');
    expect(sight(session)).toBe('blind');
    publish(session, track('camera2'));
    expect(watched(session)).toEqual(['2 camera2']);
  });
});

describe('a pinned source', () => {
  test('reaches the stream', async () => {
    const session = await readySession();
    publish(session, screenA);
    publish(session);
    session.stream('stream.opened');
    session.actor.send({ type: 'source.pinned', selector: 'screen' });
    session.stream('stream.closed');
    expect(watched(session)).toEqual(['2 screenA']);
  });
});

describe('video that goes off', () => {
  test('closes the stream, and remembers the pick for later', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.opened', 'stream.frame');
    session.actor.send({ type: 'mode.set', mode: 'off' });
    expect(session.streams.get(1)?.told).toEqual(['stream.close']);
    session.stream('stream.closed');
    expect(watched(session)).toEqual([]);
    expect(sight(session)).toBe('closed');
    expect(session.context()).toMatchObject({
      mode: 'off',
      sight: 'none',
      pick: { sid: 'camera' },
    });
  });

  test('follows the room all the same, and watches the newest pick when it comes on', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.opened', 'stream.frame');
    session.actor.send({ type: 'mode.set', mode: 'off' });
    session.stream('stream.closed');
    publish(session, screenA);
    expect(watched(session)).toEqual([]);
    expect(session.context().pick?.sid).toBe('screenA');
    session.actor.send({ type: 'mode.set', mode: 'onDemand' });
    expect(sight(session)).toBe('blind');
    expect(watched(session)).toEqual(['2 screenA']);
  });

  test('from the start opens nothing until it comes on', async () => {
    const session = await readySession(off);
    publish(session);
    expect(sight(session)).toBe('closed');
    expect(watched(session)).toEqual([]);
    session.actor.send({ type: 'mode.set', mode: 'off' });
    expect(watched(session)).toEqual([]);
    session.actor.send({ type: 'mode.set', mode: 'sampled' });
    expect(watched(session)).toEqual(['1 camera']);
  });

  test('comes on again in mid-close with one new stream', async () => {
    const session = await readySession();
    publish(session);
    session.stream('stream.opened', 'stream.frame');
    session.actor.send({ type: 'mode.set', mode: 'off' });
    session.actor.send({ type: 'mode.set', mode: 'sampled' });
    session.stream('stream.closed');
    expect(watched(session)).toEqual(['2 camera']);
    session.stream('stream.opened', 'stream.frame');
    expect(sight(session)).toBe('seeing');
  });

  test('fails the looks that wait, and refuses others', async () => {
    const session = await readySession();
    publish(session);
    session.actor.send({ type: 'look.requested', lookId: 1 });
    session.actor.send({ type: 'mode.set', mode: 'off' });
    session.actor.send({ type: 'look.requested', lookId: 2 });
    const failed = session.reports.filter(({ type }) => type === 'look.failed');
    expect(failed).toEqual([
      { type: 'look.failed', lookIds: [1], reason: 'off' },
      { type: 'look.failed', lookIds: [2], reason: 'off' },
    ]);
  });
});
