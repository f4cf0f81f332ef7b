import { describe, expect, test } from 'vitest';
import type { TrackInfo } from '../../src/source.ts';
import { discoveryInput } from '../support/machines/inputs.ts';
import { camera, screenA, screenB, simulatedRoom } from '../support/machines/simulated-room.ts';

const { subscribeGraceMs, subscribeTimeoutMs } = discoveryInput;
const offered = (track: TrackInfo): TrackInfo => ({ ...track, subscribed: false });

/** A room without `autoSubscribe`: `tracks` are offered, and the grace is over. */
function quietRoom(...tracks: TrackInfo[]) {
  const room = simulatedRoom();
  room.publish(...tracks.map(offered));
  room.clock.advance(subscribeGraceMs);
  return room;
}

describe('a room with autoSubscribe', () => {
  test('is asked for nothing where the subscription comes by itself within the grace', () => {
    const room = simulatedRoom();
    room.publish(offered(camera));
    expect(room.actor.getSnapshot().value).toMatchObject({ subscription: 'expecting' });
    room.clock.advance(subscribeGraceMs - 1);
    room.subscribed('camera');
    room.clock.advance(60_000);
    expect(room.asked()).toEqual([]);
    expect(room.history()).toEqual(['camera']);
  });

  test('gets nothing back that it gave by itself', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.mute('screenA');
    room.unmute('screenA');
    expect(room.released()).toEqual([]);
  });
});

describe('a room without autoSubscribe', () => {
  test('is asked once the grace is over, and not before', () => {
    const room = simulatedRoom();
    room.publish(offered(camera));
    room.clock.advance(subscribeGraceMs - 1);
    expect(room.asked()).toEqual([]);
    room.clock.advance(1);
    expect(room.asked()).toEqual(['camera']);
    expect(room.watched()).toBeNull();
    room.subscribed('camera');
    expect(room.watched()).toBe('camera');
    expect(room.actor.getSnapshot().value).toEqual({ pick: 'watching', subscription: 'satisfied' });
  });

  test('is asked as early where other tracks come and go meanwhile', () => {
    const room = simulatedRoom();
    room.publish(offered(screenA));
    room.clock.advance(subscribeGraceMs / 2);
    room.link('user');
    room.mute('camera');
    room.clock.advance(subscribeGraceMs / 2);
    expect(room.asked()).toEqual(['screenA']);
  });

  test('is asked for the preferred track only', () => {
    const room = quietRoom(camera, screenA);
    room.subscribed('screenA');
    room.clock.advance(60_000);
    expect(room.asked()).toEqual(['screenA']);
    expect(room.watched()).toBe('screenA');
  });

  test('is never asked for a muted one', () => {
    const room = quietRoom(camera, { ...screenA, muted: true });
    expect(room.asked()).toEqual(['camera']);
  });

  test('gets the subscription back that another one replaces', () => {
    const room = quietRoom(camera);
    room.subscribed('camera');
    room.publish(offered(screenA));
    room.clock.advance(subscribeGraceMs);
    expect(room.watched()).toBe('camera');
    expect(room.released()).toEqual([]);
    room.subscribed('screenA');
    expect(room.watched()).toBe('screenA');
    expect(room.asked()).toEqual(['camera', 'screenA']);
    expect(room.released()).toEqual(['camera']);
  });

  test('keeps a subscription that was there without us', () => {
    const room = simulatedRoom();
    room.publish(camera, offered(screenA));
    room.clock.advance(subscribeGraceMs);
    room.subscribed('screenA');
    expect(room.watched()).toBe('screenA');
    expect(room.released()).toEqual([]);
  });

  test('is asked anew for one that was given back and is needed again', () => {
    const room = quietRoom(camera);
    room.subscribed('camera');
    room.publish(screenA);
    room.unsubscribed('camera');
    expect(room.released()).toEqual(['camera']);
    room.unpublish('screenA');
    expect(room.watched()).toBeNull();
    room.clock.advance(subscribeGraceMs);
    expect(room.asked()).toEqual(['camera', 'camera']);
    room.subscribed('camera');
    expect(room.watched()).toBe('camera');
  });

  test('gets one back that comes late, when another is watched already', () => {
    const room = quietRoom(camera);
    room.publish(screenA);
    expect(room.watched()).toBe('screenA');
    room.subscribed('camera');
    expect(room.watched()).toBe('screenA');
    expect(room.released()).toEqual(['camera']);
  });

  test('gets nothing back that is held while it reconnects', () => {
    const room = quietRoom(camera);
    room.subscribed('camera');
    room.reconnecting();
    room.publish(screenA);
    room.subscribed('screenA');
    expect(room.released()).toEqual([]);
    room.synced(camera, screenA);
    expect(room.watched()).toBe('screenA');
    expect(room.released()).toEqual(['camera']);
  });
});

describe('a subscription that was asked for', () => {
  test('and is refused makes room for the next candidate', () => {
    const room = quietRoom(camera, screenA);
    room.refused('screenA');
    room.clock.advance(subscribeGraceMs);
    expect(room.asked()).toEqual(['screenA', 'camera']);
    room.subscribed('camera');
    expect(room.history()).toEqual(['camera']);
  });

  test('and does not come in time makes room for the next candidate', () => {
    const room = quietRoom(camera, screenA);
    room.clock.advance(subscribeTimeoutMs - 1);
    expect(room.asked()).toEqual(['screenA']);
    room.clock.advance(1 + subscribeGraceMs);
    expect(room.asked()).toEqual(['screenA', 'camera']);
  });

  test('and was given up is asked for no more, and is watched if it comes all the same', () => {
    const room = quietRoom(camera);
    room.clock.advance(60_000);
    expect(room.asked()).toEqual(['camera']);
    room.subscribed('camera');
    expect(room.watched()).toBe('camera');
  });

  test('does not keep a watchable track from being watched', () => {
    const room = simulatedRoom();
    room.publish(camera, offered(screenA));
    expect(room.watched()).toBe('camera');
    room.clock.advance(subscribeGraceMs + subscribeTimeoutMs);
    expect(room.history()).toEqual(['camera']);
    expect(room.actor.getSnapshot().value).toEqual({ pick: 'watching', subscription: 'satisfied' });
  });

  test('for a track that is muted meanwhile is watched when it is unmuted', () => {
    const room = quietRoom(camera);
    room.mute('camera');
    expect(room.actor.getSnapshot().value).toMatchObject({ subscription: 'satisfied' });
    room.subscribed('camera');
    expect(room.watched()).toBeNull();
    room.unmute('camera');
    expect(room.watched()).toBe('camera');
  });

  test('for a track that is muted meanwhile makes room for the next candidate', () => {
    const room = quietRoom(camera, screenA);
    room.mute('screenA');
    room.clock.advance(subscribeGraceMs);
    expect(room.asked()).toEqual(['screenA', 'camera']);
  });

  test('is followed by another one when a newer track is offered', () => {
    const room = quietRoom(camera);
    room.publish(offered(screenB));
    expect(room.actor.getSnapshot().value).toMatchObject({ subscription: 'expecting' });
    room.clock.advance(subscribeGraceMs);
    expect(room.asked()).toEqual(['camera', 'screenB']);
  });

  test('is followed by none when the track is unpublished', () => {
    const room = quietRoom(camera);
    room.unpublish('camera');
    expect(room.actor.getSnapshot().value).toMatchObject({ subscription: 'satisfied' });
    room.clock.advance(60_000);
    expect(room.asked()).toEqual(['camera']);
  });
});

describe('the grace', () => {
  test('is counted anew for a newer track', () => {
    const room = simulatedRoom();
    room.publish(offered(camera));
    room.clock.advance(subscribeGraceMs - 1);
    room.publish(offered(screenA));
    room.clock.advance(1);
    expect(room.asked()).toEqual([]);
    room.clock.advance(subscribeGraceMs - 1);
    expect(room.asked()).toEqual(['screenA']);
  });
});
