import { describe, expect, test } from 'vitest';
import { camera, screenA, simulatedRoom, track } from '../support/machines/simulated-room.ts';

const guestCamera = track('guestCamera', { identity: 'guest' });

describe('a policy', () => {
  test('the policy camera ignores a newer screen share', () => {
    const room = simulatedRoom({ selector: 'camera' });
    room.publish(camera, screenA);
    expect(room.history()).toEqual(['camera']);
    room.mute('camera');
    expect(room.watched()).toBeNull();
    room.publish(track('camera2'));
    expect(room.watched()).toBe('camera2');
  });

  test('the policy screen ignores a newer camera', () => {
    const room = simulatedRoom({ selector: 'screen' });
    room.publish(camera);
    expect(room.watched()).toBeNull();
    room.publish(screenA, track('camera2'), track('unnamed', { source: 'unknown' }));
    expect(room.history()).toEqual(['screenA']);
  });

  test('the policy camera takes a track without a source, until there is a camera', () => {
    const room = simulatedRoom({ selector: 'camera' });
    room.publish(screenA, track('unnamed', { source: 'unknown' }));
    expect(room.watched()).toBe('unnamed');
    room.publish(camera, track('unnamed2', { source: 'unknown' }));
    expect(room.history()).toEqual(['unnamed', 'camera']);
    room.mute('camera');
    expect(room.watched()).toBe('unnamed2');
  });

  test('the policy latest takes a track without a source too', () => {
    const room = simulatedRoom();
    room.publish(camera, track('unnamed', { source: 'unknown' }));
    expect(room.watched()).toBe('unnamed');
  });

  test('a policy applies to the linked participant only', () => {
    const room = simulatedRoom();
    room.publish(guestCamera);
    expect(room.watched()).toBeNull();
  });
});

describe('a pinned source', () => {
  test('a pinned kind of a participant ignores other kinds and other participants', () => {
    const guestScreen = track('guestScreen', { identity: 'guest', source: 'screen' });
    const room = simulatedRoom();
    room.publish(camera, guestCamera, guestScreen);
    room.pin({ identity: 'guest', source: 'camera' });
    expect(room.watched()).toBe('guestCamera');
    room.pin({ identity: 'guest', source: 'screen' });
    expect(room.watched()).toBe('guestScreen');
    room.publish(screenA);
    room.mute('guestScreen');
    expect(room.watched()).toBeNull();
  });

  test('a pinned source is watched until it is unpinned, even if a newer one is there', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.pin({ trackSid: 'camera' });
    room.publish(track('screenC'));
    expect(room.watched()).toBe('camera');
    room.pin(null);
    expect(room.history()).toEqual(['camera', 'screenA', 'camera', 'screenC']);
    expect(room.reasons().slice(2)).toEqual(['pinned', 'pinned']);
  });

  test('a pinned source that is muted leaves nothing to watch: no other one replaces it', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.pin({ trackSid: 'camera' });
    room.mute('camera');
    expect(room.watched()).toBeNull();
    room.unmute('camera');
    expect(room.watched()).toBe('camera');
  });

  test('a pinned track may belong to a participant who is not linked', () => {
    const room = simulatedRoom();
    room.publish(camera, guestCamera);
    room.pin({ trackSid: 'guestCamera' });
    expect(room.watched()).toBe('guestCamera');
  });

  test('a pinned participant need not be linked: their newest track is picked', () => {
    const room = simulatedRoom();
    room.publish(guestCamera, camera);
    room.pin({ identity: 'guest' });
    room.publish(track('guestScreen', { identity: 'guest', source: 'screen' }));
    expect(room.history()).toEqual(['camera', 'guestCamera', 'guestScreen']);
  });

  test('a pin may come before a participant is linked, and before the track is there', () => {
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

  test('a pin may be another policy', () => {
    const room = simulatedRoom();
    room.publish(screenA, camera);
    room.pin('screen');
    expect(room.watched()).toBe('screenA');
  });

  test('a pin in the options needs no linked participant', () => {
    const room = simulatedRoom({ selector: { identity: 'guest' } });
    room.link(null);
    room.publish(guestCamera);
    expect(room.watched()).toBe('guestCamera');
  });
});

describe('an avatar', () => {
  const face = track('face', { identity: 'avatar', onBehalfOf: 'agent' });

  test('an avatar is never picked, even if it is linked or pinned', () => {
    const room = simulatedRoom();
    room.synced(camera, face);
    room.publish(face);
    room.link('avatar');
    room.pin({ identity: 'avatar' });
    room.pin({ trackSid: 'face' });
    expect(room.history()).toEqual(['camera', null]);
  });

  test('a track is dropped when its participant is identified as an avatar later', () => {
    const room = simulatedRoom();
    room.link('avatar');
    room.publish({ ...face, onBehalfOf: null });
    expect(room.watched()).toBe('face');
    room.represents('avatar', 'agent');
    expect(room.watched()).toBeNull();
    room.publish(face);
    expect(room.watched()).toBeNull();
  });

  test.each(['watched', 'reconnecting'])(
    'a track is dropped when a scan identifies its participant as an avatar while %s',
    (when) => {
      const room = simulatedRoom({ selector: { identity: 'avatar' } });
      room.publish({ ...face, onBehalfOf: null });
      if (when === 'reconnecting') room.reconnecting();
      room.synced(face, camera);
      expect(room.watched()).toBeNull();
    },
  );
});
