import { describe, expect, test } from 'vitest';
import { camera, screenA, simulatedRoom, track } from '../support/machines/simulated-room.ts';

const guestCamera = track('guestCamera', { identity: 'guest' });

describe('a policy', () => {
  test('of cameras ignores a newer screen share', () => {
    const room = simulatedRoom({ selector: 'camera' });
    room.publish(camera, screenA);
    expect(room.history()).toEqual(['camera']);
    room.mute('camera');
    expect(room.watched()).toBeNull();
    room.publish(track('camera2'));
    expect(room.watched()).toBe('camera2');
  });

  test('of screen shares ignores a newer camera', () => {
    const room = simulatedRoom({ selector: 'screen' });
    room.publish(camera);
    expect(room.watched()).toBeNull();
    room.publish(screenA, track('camera2'), track('unnamed', { source: 'unknown' }));
    expect(room.history()).toEqual(['screenA']);
  });

  test('of the newest takes a track without a source as well', () => {
    const room = simulatedRoom();
    room.publish(camera, track('unnamed', { source: 'unknown' }));
    expect(room.watched()).toBe('unnamed');
  });

  test('looks at the linked participant only', () => {
    const room = simulatedRoom();
    room.publish(guestCamera);
    expect(room.watched()).toBeNull();
  });
});

describe('a pinned source', () => {
  test('is watched although a newer one is there, until it is unpinned', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.pin({ trackSid: 'camera' });
    room.publish(track('screenC'));
    expect(room.watched()).toBe('camera');
    room.pin(null);
    expect(room.history()).toEqual(['camera', 'screenA', 'camera', 'screenC']);
    expect(room.reasons().slice(2)).toEqual(['pinned', 'pinned']);
  });

  test('leaves nothing to watch while it is muted: no other one stands in', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.pin({ trackSid: 'camera' });
    room.mute('camera');
    expect(room.watched()).toBeNull();
    room.unmute('camera');
    expect(room.watched()).toBe('camera');
  });

  test('may be a track of a participant who is not linked', () => {
    const room = simulatedRoom();
    room.publish(camera, guestCamera);
    room.pin({ trackSid: 'guestCamera' });
    expect(room.watched()).toBe('guestCamera');
  });

  test('may be a participant who is not linked: the newest of theirs', () => {
    const room = simulatedRoom();
    room.publish(guestCamera, camera);
    room.pin({ identity: 'guest' });
    room.publish(track('guestScreen', { identity: 'guest', source: 'screen' }));
    expect(room.history()).toEqual(['camera', 'guestCamera', 'guestScreen']);
  });

  test('may come before anybody is linked, and before the track is there', () => {
    const room = simulatedRoom();
    room.link(null);
    room.pin({ identity: 'guest' });
    expect(room.actor.getSnapshot().value).toMatchObject({ pick: 'searching' });
    room.publish(camera, guestCamera);
    expect(room.history()).toEqual(['guestCamera']);
    room.pin(null);
    expect(room.watched()).toBeNull();
    expect(room.actor.getSnapshot().value).toMatchObject({ pick: 'waiting' });
  });

  test('may be another policy', () => {
    const room = simulatedRoom();
    room.publish(screenA, camera);
    room.pin('screen');
    expect(room.watched()).toBe('screenA');
  });

  test('of the options needs no linked participant', () => {
    const room = simulatedRoom({ selector: { identity: 'guest' } });
    room.link(null);
    room.publish(guestCamera);
    expect(room.watched()).toBe('guestCamera');
  });
});

describe('an avatar', () => {
  const face = track('face', { identity: 'avatar', onBehalfOf: 'agent' });

  test('is never picked: not when it is linked, not when it is pinned', () => {
    const room = simulatedRoom();
    room.synced(camera, face);
    room.publish(face);
    room.link('avatar');
    room.pin({ identity: 'avatar' });
    room.pin({ trackSid: 'face' });
    expect(room.history()).toEqual(['camera', null]);
  });

  test('is dropped when it turns out late that it is one', () => {
    const room = simulatedRoom();
    room.link('avatar');
    room.publish({ ...face, onBehalfOf: null });
    expect(room.watched()).toBe('face');
    room.represents('avatar', 'agent');
    expect(room.watched()).toBeNull();
    room.publish(face);
    expect(room.watched()).toBeNull();
  });

  test.each(['watched', 'reconnecting'])('is dropped when a scan shows it while %s', (when) => {
    const room = simulatedRoom({ selector: { identity: 'avatar' } });
    room.publish({ ...face, onBehalfOf: null });
    if (when === 'reconnecting') room.reconnecting();
    room.synced(face, camera);
    expect(room.watched()).toBeNull();
  });
});
