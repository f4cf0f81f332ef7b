import { describe, expect, test } from 'vitest';
import type { TrackInfo } from '../../src/source.ts';
import { discoveryInput } from '../support/machines/inputs.ts';
import { camera, screenA, screenB, simulatedRoom } from '../support/machines/simulated-room.ts';

const { subscribeGraceMs, subscribeTimeoutMs } = discoveryInput;
const offered = (track: TrackInfo): TrackInfo => ({ ...track, subscribed: false });

/** A room without `autoSubscribe`: `tracks` are offered, and the grace period is over. */
function quietRoom(...tracks: TrackInfo[]) {
  const room = simulatedRoom();
  room.publish(...tracks.map(offered));
  room.clock.advance(subscribeGraceMs);
  return room;
}

describe('a room with autoSubscribe', () => {
  test('no subscription is requested if it comes by itself within the grace period', () => {
    const room = simulatedRoom();
    room.publish(offered(camera));
    expect(room.actor.getSnapshot().value).toMatchObject({ subscription: 'expecting' });
    room.clock.advance(subscribeGraceMs - 1);
    room.subscribed('camera');
    room.clock.advance(60_000);
    expect(room.asked()).toEqual([]);
    expect(room.history()).toEqual(['camera']);
  });

  test('a subscription that the room made by itself is not released', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.mute('screenA');
    room.unmute('screenA');
    expect(room.released()).toEqual([]);
  });
});

describe('a room without autoSubscribe', () => {
  test('a subscription is requested after the grace period, and not before', () => {
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

  test('a subscription is not delayed by other tracks that come and go meanwhile', () => {
    const room = simulatedRoom();
    room.publish(offered(screenA));
    room.clock.advance(subscribeGraceMs / 2);
    room.link('user');
    room.mute('camera');
    room.clock.advance(subscribeGraceMs / 2);
    expect(room.asked()).toEqual(['screenA']);
  });

  test("only the preferred track's subscription is requested", () => {
    const room = quietRoom(camera, screenA);
    room.subscribed('screenA');
    room.clock.advance(60_000);
    expect(room.asked()).toEqual(['screenA']);
    expect(room.watched()).toBe('screenA');
  });

  test('a subscription of a muted track is never requested', () => {
    const room = quietRoom(camera, { ...screenA, muted: true });
    expect(room.asked()).toEqual(['camera']);
  });

  test('a subscription is released when another one replaces it', () => {
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

  test('a subscription that was there before is kept', () => {
    const room = simulatedRoom();
    room.publish(camera, offered(screenA));
    room.clock.advance(subscribeGraceMs);
    room.subscribed('screenA');
    expect(room.watched()).toBe('screenA');
    expect(room.released()).toEqual([]);
  });

  test('a released subscription is requested again when it is needed again', () => {
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

  test('a subscription that comes late is released if another track is already watched', () => {
    const room = quietRoom(camera);
    room.publish(screenA);
    expect(room.watched()).toBe('screenA');
    room.subscribed('camera');
    expect(room.watched()).toBe('screenA');
    expect(room.released()).toEqual(['camera']);
  });

  test('no subscription is released while the room reconnects', () => {
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

describe('a requested subscription', () => {
  test('a refused subscription makes room for the next candidate', () => {
    const room = quietRoom(camera, screenA);
    room.refused('screenA');
    room.clock.advance(subscribeGraceMs);
    expect(room.asked()).toEqual(['screenA', 'camera']);
    room.subscribed('camera');
    expect(room.history()).toEqual(['camera']);
  });

  test('a subscription that does not come in time makes room for the next candidate', () => {
    const room = quietRoom(camera, screenA);
    room.clock.advance(subscribeTimeoutMs - 1);
    expect(room.asked()).toEqual(['screenA']);
    room.clock.advance(1 + subscribeGraceMs);
    expect(room.asked()).toEqual(['screenA', 'camera']);
  });

  test('a subscription that was given up is not requested again, but its track is watched if it comes', () => {
    const room = quietRoom(camera);
    room.clock.advance(60_000);
    expect(room.asked()).toEqual(['camera']);
    room.subscribed('camera');
    expect(room.watched()).toBe('camera');
  });

  test('a pending subscription does not keep another track from being watched', () => {
    const room = simulatedRoom();
    room.publish(camera, offered(screenA));
    expect(room.watched()).toBe('camera');
    room.clock.advance(subscribeGraceMs + subscribeTimeoutMs);
    expect(room.history()).toEqual(['camera']);
    expect(room.actor.getSnapshot().value).toEqual({ pick: 'watching', subscription: 'satisfied' });
  });

  test('a track that is muted while its subscription is pending is watched when it is unmuted', () => {
    const room = quietRoom(camera);
    room.mute('camera');
    expect(room.actor.getSnapshot().value).toMatchObject({ subscription: 'satisfied' });
    room.subscribed('camera');
    expect(room.watched()).toBeNull();
    room.unmute('camera');
    expect(room.watched()).toBe('camera');
  });

  test('a track that is muted while its subscription is pending makes room for the next candidate', () => {
    const room = quietRoom(camera, screenA);
    room.mute('screenA');
    room.clock.advance(subscribeGraceMs);
    expect(room.asked()).toEqual(['screenA', 'camera']);
  });

  test('a pending subscription is followed by another one when a newer track is offered', () => {
    const room = quietRoom(camera);
    room.publish(offered(screenB));
    expect(room.actor.getSnapshot().value).toMatchObject({ subscription: 'expecting' });
    room.clock.advance(subscribeGraceMs);
    expect(room.asked()).toEqual(['camera', 'screenB']);
  });

  test('a pending subscription is followed by none when the track is unpublished', () => {
    const room = quietRoom(camera);
    room.unpublish('camera');
    expect(room.actor.getSnapshot().value).toMatchObject({ subscription: 'satisfied' });
    room.clock.advance(60_000);
    expect(room.asked()).toEqual(['camera']);
  });
});

describe('the grace', () => {
  test('the grace period starts again for a newer track', () => {
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
